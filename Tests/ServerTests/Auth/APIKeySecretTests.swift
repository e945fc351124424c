import Server
import TestSupport
import Testing

@Suite struct APIKeySecretTests {
  @Test func isMadeOfLettersDigitsAndDashes() throws {
    // conda and libmamba find tokens in URLs by [A-Za-z0-9-]; others would be cut and logged.
    for _ in 0..<200 {
      let text = try APIKeySecret.generate().text
      #expect(text.utf8.count == 43)
      #expect(text.hasPrefix("qz-"))
      #expect(text.dropFirst(3).utf8.allSatisfy { byte in Self.isLetterOrDigit(byte) }, "\(text)")
    }
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }

  @Test func isNeverMadeTwice() throws {
    let texts = try (0..<1000).map { _ in try APIKeySecret.generate().text }
    #expect(Set(texts).count == 1000)
  }

  @Test func usesItsAlphabetEvenly() throws {
    var counts: [Character: Int] = [:]
    for _ in 0..<2000 {
      for character in try APIKeySecret.generate().text.dropFirst(3) { counts[character, default: 0] += 1 }
    }
    #expect(counts.count == 62)
    // 80,000 draws, 1290 each on average, standard deviation 36: eight of them either way.
    #expect(counts.values.allSatisfy { abs($0 - 1290) < 290 })
  }

  @Test func isStoredAsItsSHA256() throws {
    let secret = APIKeySecret(text: "qz-abc")
    let hex = try secret.hash().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(hex == (try ArchiveWriting.sha256(Array("qz-abc".utf8))))
    #expect(try secret.hash() != APIKeySecret(text: "qz-abd").hash())
  }

  @Test func showsSevenCharactersAtMost() throws {
    #expect(try APIKeySecret.generate().prefix.utf8.count == 7)
    #expect(APIKeySecret(text: "qz").prefix == "qz")
  }
}
