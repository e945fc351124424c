import CondaArchive
import CondaTypes
import TestSupport
import Testing

/// ZIP files that say one thing in one place and another thing elsewhere. The packages are small, so that
/// every structure is found by its signature.
@Suite struct ZipDirectoryTests {
  let fileName = "demo-1.0-0.conda"
  let good: [UInt8]

  init() throws {
    good = try PackageBuilder().bytes()
  }

  @Test func readsMembersInAnyOrder() throws {
    #expect(try refusal(good, as: fileName) == nil)
    var builder = PackageBuilder()
    builder.omittedMembers = [.metadata]
    builder.extraMembers = [ArchiveFile("metadata.json", text: #"{"conda_pkg_format_version":2,"x":[]}"#)]
    #expect(try refusal(builder.bytes(), as: fileName) == nil)
  }

  @Test func acceptsACommentOfTheDeclaredLengthOnly() throws {
    var bytes = good
    bytes[bytes.count - 2] = 5
    #expect(try refusal(bytes + Array("hello".utf8), as: fileName) == nil)
    #expect(try refusal(bytes + Array("hell".utf8), as: fileName) == "zip_end_missing")
    #expect(try refusal(bytes + Array("hello!".utf8), as: fileName) == "zip_end_missing")
  }

  @Test func refusesALocalHeaderWithAnotherName() throws {
    var bytes = good
    let header = try #require(bytes.firstRange(of: [0x50, 0x4b, 3, 4]))
    bytes[header.lowerBound + 30] = UInt8(ascii: "M")
    #expect(try refusal(bytes, as: fileName) == "zip_headers_disagree")
  }

  @Test func refusesADirectoryEntryWithAnotherName() throws {
    var bytes = good
    let entry = try #require(bytes.firstRange(of: [0x50, 0x4b, 1, 2]))
    bytes[entry.lowerBound + 46] = UInt8(ascii: "M")
    #expect(try refusal(bytes, as: fileName) == "unexpected_member")
  }

  @Test(arguments: [
    (8, UInt8(1), "encrypted_member"), (10, 8, "compressed_member"), (10, 93, "compressed_member"),
  ])
  func refusesADirectoryEntryThatIsNotStored(offset: Int, value: UInt8, code: String) throws {
    var bytes = good
    let entry = try #require(bytes.firstRange(of: [0x50, 0x4b, 1, 2]))
    bytes[entry.lowerBound + offset] |= value
    #expect(try refusal(bytes, as: fileName) == code)
  }

  @Test(arguments: [16, 20, 24, 42])
  func refusesADirectoryEntryWithWrongNumbers(offset: Int) throws {
    var bytes = good
    let entry = try #require(bytes.firstRange(of: [0x50, 0x4b, 1, 2]))
    bytes[entry.lowerBound + offset] ^= 1
    let code = try refusal(bytes, as: fileName)
    #expect(["zip_damaged", "zip_headers_disagree", "zip_hidden_bytes"].contains(code))
  }

  @Test(arguments: [8, 10, 12, 16, 4, 6])
  func refusesAnEndWithWrongNumbers(offset: Int) throws {
    var bytes = good
    bytes[bytes.count - 22 + offset] ^= 1
    let code = try refusal(bytes, as: fileName)
    #expect(["zip_damaged", "zip_hidden_bytes"].contains(code))
  }

  @Test func refusesBytesBetweenMembersAndDirectory() throws {
    let entry = try #require(good.firstRange(of: [0x50, 0x4b, 1, 2])).lowerBound
    var bytes = Array(good[..<entry]) + [1, 2, 3] + Array(good[entry...])
    let offset = bytes.count - 22 + 16
    let moved = entry + 3
    for shift in 0..<4 {
      bytes[offset + shift] = UInt8(truncatingIfNeeded: moved >> (8 * shift))
    }
    #expect(try refusal(bytes, as: fileName) == "zip_hidden_bytes")
  }

  @Test(arguments: [(true, 0, nil), (false, 0, nil), (true, 1, "zip_damaged"), (false, 1, "zip_damaged")])
  func readsTheZIP64End(isShortEndSaturated: Bool, shift: UInt64, code: String?) throws {
    func little(_ value: UInt64, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }
    let start = good.count - 22
    let directory = try UInt64(#require(good.firstRange(of: [0x50, 0x4b, 1, 2])).lowerBound)
    let record =
      [0x50, 0x4b, 6, 6] + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8) + little(3, 8)
      + little(3, 8)
      + little(UInt64(start) - directory, 8) + little(directory + shift, 8)
    let locator = [0x50, 0x4b, 6, 7] + little(0, 4) + little(UInt64(start), 8) + little(1, 4)
    var end = Array(good[start...])
    if isShortEndSaturated { end.replaceSubrange(8..<20, with: [UInt8](repeating: 0xff, count: 12)) }
    #expect(try refusal(Array(good[..<start]) + record + locator + end, as: fileName) == code)
  }

  @Test func noticesAWrongChecksumOfThePkgMember() throws {
    var builder = PackageBuilder()
    builder.randomPayloadSize = 300_000
    var bytes = try builder.bytes()
    bytes[200_000] ^= 1
    #expect(try refusal(bytes, as: fileName) == "zip_damaged")
  }
}
