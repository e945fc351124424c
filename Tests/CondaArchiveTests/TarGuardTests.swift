import CondaArchive
import TestSupport
import Testing

/// Tar headers that no archiver writes, made by hand.
@Suite struct TarGuardTests {
  static let index = entry("info/index.json", Array("{}".utf8))

  /// A header and its content, padded to whole blocks.
  static func entry(_ name: String, _ content: [UInt8], type: Character = "0", size: Int? = nil) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int) {
      header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }
    func octal(_ number: Int, digits: Int) -> String {
      let text = String(number, radix: 8)
      return String(repeating: "0", count: digits - text.count) + text
    }
    put(name, at: 0)
    for offset in [100, 108, 116] {
      put("0000644", at: offset)
    }
    put(octal(size ?? content.count, digits: 11), at: 124)
    put(octal(1_700_000_000, digits: 11), at: 136)
    put(String(type), at: 156)
    put("ustar\u{0}00", at: 257)
    put("        ", at: 148)
    put(octal(header.reduce(0) { $0 + Int($1) }, digits: 6) + "\u{0} ", at: 148)
    return header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }

  /// A pax header that holds these records.
  static func records(_ records: [(String, String)], type: Character = "x") -> [UInt8] {
    let lines = records.map { key, value in
      let body = " \(key)=\(value)\n"
      var length = body.utf8.count + 1
      while String(length).utf8.count + body.utf8.count != length { length += 1 }
      return "\(length)\(body)"
    }
    return entry("pax", Array(lines.joined().utf8), type: type)
  }

  func code(_ tar: [UInt8]) throws -> String? {
    let end = [UInt8](repeating: 0, count: 1024)
    return try refusal(ArchiveWriting.bzip2(tar + end), as: "demo-1.0-0.tar.bz2")
  }

  @Test func readsHeadersMadeByHand() throws {
    #expect(try code(Self.index) == nil)
    #expect(try code(Self.index + Self.entry("lib/a", [1, 2, 3]) + Self.entry("lib/b", [])) == nil)
    #expect(try code(Self.records([("path", "info/index.json")]) + Self.entry("x", Array("{}".utf8))) == nil)
    #expect(try code(Self.records([("comment", "text")], type: "g") + Self.index) == nil)
    #expect(try code(Self.records([("size", "2")]) + Self.index) == nil)
    #expect(
      try code(
        Self.entry("L", Array("info/index.json\u{0}".utf8), type: "L") + Self.entry("x", [0x7b, 0x7d])) == nil
    )
  }

  @Test(arguments: ["path", "linkpath"])
  func refusesNULInAPaxPath(key: String) throws {
    let tar = Self.records([(key, "info/about.json\u{0}x")]) + Self.entry("x", [])
    #expect(try code(Self.index + tar) == "unsafe_path_nul")
  }

  @Test func refusesSparseFiles() throws {
    #expect(try code(Self.index + Self.entry("x", [], type: "S")) == "sparse_file")
    let map = Array("1\n998\n2\n".utf8) + [UInt8](repeating: 0, count: 504) + [1, 2]
    let keys = [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "1000")]
    #expect(try code(Self.index + Self.records(keys) + Self.entry("x", map)) == "sparse_file")
  }

  @Test(arguments: ["path", "linkpath", "size"])
  func refusesGlobalRecordsOfOneEntry(key: String) throws {
    #expect(try code(Self.records([(key, "2")], type: "g") + Self.index) == "tar_damaged")
  }

  @Test func refusesMalformedRecordsSizesAndSums() throws {
    for text in ["x path=a\n", "999 path=a\n", "0 path=a\n", "-5 path=a\n", "9 patha\n\n\n"] {
      #expect(
        try code(Self.index + Self.entry("x", Array(text.utf8), type: "x") + Self.entry("y", []))
          == "tar_damaged")
    }
    for size in ["-1", "a", "", "99999999999999999999"] {
      #expect(try code(Self.index + Self.records([("size", size)]) + Self.entry("y", [])) == "tar_damaged")
    }
    #expect(try code(Self.index + [UInt8](repeating: 1, count: 512)) == "tar_damaged")
    #expect(try code(Self.index + Self.entry("a", [], size: 1 << 30)) == "tar_damaged")
    #expect(try code(Self.index + Self.entry("info/a", [1], type: "1")) == "tar_damaged")
    #expect(
      try code(Self.index + Self.entry("x", [UInt8](repeating: 0x20, count: 2 << 20), type: "x"))
        == "tar_damaged")
  }

  @Test(arguments: ["3", "4", "6", "V", "M", "D"])
  func refusesOtherTypes(type: Character) throws {
    #expect(try code(Self.index + Self.entry("x", [], type: type)) == "unsupported_entry_type")
  }
}
