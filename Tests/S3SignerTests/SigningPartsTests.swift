import Foundation
import S3Signer
import Testing

@Suite struct SigningPartsTests {
  @Test func datesAgreeWithTheCalendar() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
    // Steps of a day and a bit, so that days, months, leap years and times of day all change.
    for seconds in stride(from: -2_000_000_000, to: 8_000_000_000, by: 86_400 * 17 + 4321) as StrideTo<Int64>
    {
      let date = calendar.dateComponents(
        [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: Double(seconds)))
      let expected = String(
        format: "%04d%02d%02dT%02d%02d%02dZ", date.year ?? 0, date.month ?? 0, date.day ?? 0, date.hour ?? 0,
        date.minute ?? 0, date.second ?? 0)
      #expect(SigningDate(secondsSince1970: seconds).timestamp == expected)
    }
  }

  @Test(
    arguments: [
      (0, "19700101T000000Z"), (-1, "19691231T235959Z"), (951_782_400, "20000229T000000Z"),
      (4_107_542_399, "21000228T235959Z"), (4_107_542_400, "21000301T000000Z"),
      (253_402_300_799, "99991231T235959Z"),
    ] as [(Int64, String)])
  func datesAtTheEdges(seconds: Int64, timestamp: String) {
    #expect(SigningDate(secondsSince1970: seconds).timestamp == timestamp)
    #expect(SigningDate(secondsSince1970: seconds).day == timestamp.prefix(8))
  }

  @Test func hexHasTwoDigitsAByte() {
    #expect(Hex.encode([0x00, 0x0A, 0x7F, 0xFF]) == "000a7fff")
    #expect(Hex.encode([]) == "")
  }

  @Test func componentsEncodeSlashesAndPathsDoNot() {
    #expect(URIEncoding.encode(component: "a/b c+d~e%") == "a%2Fb%20c%2Bd~e%25")
    #expect(URIEncoding.encode(path: "a//./b c") == "a//./b%20c")
  }

  @Test func hashesOfPayloads() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    #expect(PayloadHash.empty.headerValue == empty)
    #expect(PayloadHash.of("abc".utf8).headerValue.hasPrefix("ba7816bf8f01cfea"))
    #expect(PayloadHash.unsigned.headerValue == "UNSIGNED-PAYLOAD")
    var hasher = SHA256Hasher()
    for piece in ["a", "", "bc"] { Array(piece.utf8).withUnsafeBytes { hasher.update($0) } }
    #expect(Hex.encode(hasher.finish()) == Hex.encode(SHA256Hasher.digest(of: Array("abc".utf8))))
  }

  @Test func credentialsPrintNoSecrets() {
    let credentials = Credentials(
      accessKeyID: "AKID", secretAccessKey: "hidden-secret", sessionToken: "hidden-token")
    var dumped = ""
    dump([credentials], to: &dumped)
    for text in ["\(credentials)", String(reflecting: [credentials]), dumped] {
      #expect(!text.contains("hidden"))
      #expect(text.contains("AKID"))
    }
  }
}
