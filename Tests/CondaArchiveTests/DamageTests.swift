import CondaArchive
import CondaTypes
import TestSupport
import Testing

/// Files that were cut, changed or lengthened on their way.
@Suite struct DamageTests {
  static func package(_ format: ArtifactFormat) -> PackageBuilder {
    var package = PackageBuilder(format: format)
    package.randomPayloadSize = 40_000
    return package
  }

  @Test(arguments: ArtifactFormat.allCases)
  func refusesAFileCutAnywhere(format: ArtifactFormat) throws {
    let package = Self.package(format)
    let bytes = try package.bytes()
    let offsets =
      Array(0..<64) + Array(stride(from: 64, to: bytes.count - 200, by: 1999))
      + Array(
        (bytes.count - 200)..<bytes.count)
    for offset in offsets {
      let code = try refusal(Array(bytes[..<offset]), as: package.fileName)
      #expect(code != nil, "cut at \(offset) of \(bytes.count)")
    }
  }

  @Test(arguments: ArtifactFormat.allCases)
  func refusesEveryChangedByteOfTheContent(format: ArtifactFormat) throws {
    let package = Self.package(format)
    let bytes = try package.bytes()
    // The first local header's time stamp may change unnoticed; contents may not.
    let start = format == .conda ? 60 : 0
    let end = format == .conda ? bytes.count - 400 : bytes.count
    var unnoticed: [Int] = []
    for offset in stride(from: start, to: end, by: 211) {
      var changed = bytes
      changed[offset] ^= 0x10
      if try refusal(changed, as: package.fileName) == nil { unnoticed.append(offset) }
    }
    // A ZIP's headers hold fields that nobody reads: versions, times, attributes.
    #expect(unnoticed.count <= (format == .conda ? 3 : 0), "\(unnoticed)")
  }

  @Test(
    arguments: ArtifactFormat.allCases, ["\0", "\n", "trailing garbage", String(repeating: "\0", count: 900)])
  func refusesBytesAfterTheEnd(format: ArtifactFormat, garbage: String) throws {
    let package = Self.package(format)
    let expected = format == .conda ? "zip_end_missing" : "bytes_after_bzip2"
    #expect(try refusal(package.bytes() + garbage.utf8, as: package.fileName) == expected)
  }

  @Test(arguments: ArtifactFormat.allCases)
  func refusesBytesBeforeTheBeginning(format: ArtifactFormat) throws {
    let package = Self.package(format)
    let expected = format == .conda ? "not_zip" : "not_bzip2"
    #expect(try refusal([0] + package.bytes(), as: package.fileName) == expected)
  }

  @Test(arguments: ArtifactFormat.allCases)
  func refusesThePackageTwiceInOneFile(format: ArtifactFormat) throws {
    let package = Self.package(format)
    let bytes = try package.bytes()
    let expected = format == .conda ? "zip_hidden_bytes" : "bytes_after_tar"
    #expect(try refusal(bytes + bytes, as: package.fileName) == expected)
  }

  @Test(arguments: ArtifactFormat.allCases)
  func refusesNoBytesAndRandomBytes(format: ArtifactFormat) throws {
    let name = "demo-1.0-0\(format.fileExtension)"
    #expect(try refusal([], as: name) == "empty_file")
    let magics: [[UInt8]] = [
      [], [0x50, 0x4b, 3, 4], [0x50, 0x4b, 5, 6], Array("BZh9".utf8), Array("BZh91AY&SY".utf8),
    ]
    for magic in magics {
      for size in [1, 3, 4, 14, 22, 100, 512, 5000, 300_000] {
        let random = PackageBuilder.randomBytes(count: size, seed: UInt64(size))
        #expect(try refusal(magic + random, as: name) != nil)
      }
    }
  }

  @Test func readsSeveralBzip2StreamsAsOne() throws {
    let tar = try ArchiveWriting.tar([
      ArchiveFile("info/index.json", text: "{}"),
      ArchiveFile("a", .file(PackageBuilder.randomBytes(count: 5000, seed: 1))),
    ])
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: tar.count, by: 512) {
      bytes += try ArchiveWriting.bzip2(Array(tar[start..<min(tar.count, start + 512)]))
    }
    #expect(try read(bytes, as: "demo-1.0-0.tar.bz2").indexJSON == Array("{}".utf8))
  }

  /// Only possible where a cut falls between two bzip2 streams.
  @Test func refusesATarWithoutItsEnd() throws {
    let tar = try ArchiveWriting.tar([
      ArchiveFile("info/index.json", text: "{}"), ArchiveFile("a", text: "text"),
      ArchiveFile("b", text: "text"),
    ])
    for length in stride(from: 512, to: tar.count, by: 512) {
      let code = try refusal(ArchiveWriting.bzip2(Array(tar[..<length])), as: "demo-1.0-0.tar.bz2")
      #expect(code == "tar_damaged", "cut at \(length) of \(tar.count)")
    }
    #expect(try refusal(ArchiveWriting.bzip2([]), as: "demo-1.0-0.tar.bz2") == "not_bzip2")
    #expect(
      try refusal(ArchiveWriting.bzip2([UInt8](repeating: 0, count: 1024)), as: "demo-1.0-0.tar.bz2")
        == "missing_index_json")
  }

  @Test func acceptsTheZerosThatTarPadsWith() throws {
    let tar = try ArchiveWriting.tar([ArchiveFile("info/index.json", text: "{}")])
    for padding in [512, 8192, 1 << 20] {
      let padded = try ArchiveWriting.bzip2(tar + [UInt8](repeating: 0, count: padding))
      #expect(try refusal(padded, as: "demo-1.0-0.tar.bz2") == nil)
    }
    let followed = try ArchiveWriting.bzip2(tar + [UInt8](repeating: 0, count: 1024) + [1])
    #expect(try refusal(followed, as: "demo-1.0-0.tar.bz2") == "bytes_after_tar")
  }
}
