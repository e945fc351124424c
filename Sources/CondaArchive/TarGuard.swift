// The structure of a tar archive (POSIX.1-2001 pax): blocks of 512 bytes.
//
//   header | content, padded to a block          an entry
//   "x" header | records, padded | entry         an entry with pax records: they replace fields of the header
//   zero block | zero block | zeros…             the end
//
//   header: 0 name 100 · 100 mode 8 · 108 uid 8 · 116 gid 8 · 124 size 12 · 136 mtime 12 · 148 checksum 8
//           156 type 1 · 157 link target 100 · 257 "ustar" …
//           numbers are octal text; the size may be base-256, with bit 7 of its first byte set
//   types:  0 NUL 7 file · 1 hard link · 2 symbolic link · 3 4 device · 5 folder · 6 FIFO
//           x g pax records of the next or of all entries · L K GNU long name, long target · S GNU sparse file
//   record: <length of the whole record> " " <key> "=" <value> "\n"

/// Looks at a tar archive on its way to libarchive and stops what libarchive would swallow: sparse files,
/// whose maps can be made to fill the memory, NUL inside pax paths, and records about which readers disagree.
final class TarGuard: ByteSource {
  private enum State {
    case header
    case records(isGlobal: Bool)
    /// The content of an entry: nothing to see.
    case content
    /// After the zero block: padding.
    case end
  }

  /// Pax records of one entry may be so large, as in libarchive.
  private static let maxRecordsSize: Int64 = 1 << 20

  private let source: any ByteSource
  private var state = State.header
  /// The header or the records as far as they have come.
  private var collected: [UInt8] = []
  /// Bytes of the current state still to come, and of the padding after it.
  private var remaining: Int64 = 512
  private var padding: Int64 = 0
  private var recordSize: Int64?

  /// Guards the archive that `source` holds.
  init(_ source: any ByteSource) {
    self.source = source
  }

  func next() throws(ArchiveError) -> UnsafeRawBufferPointer? {
    guard let chunk = try source.next() else { return nil }
    var rest = chunk
    while !rest.isEmpty {
      if case .end = state { break }
      try take(&rest)
    }
    return chunk
  }

  /// Takes bytes of the current state off the front of `rest`.
  private func take(_ rest: inout UnsafeRawBufferPointer) throws(ArchiveError) {
    let count = Int(min(Int64(rest.count), remaining))
    switch state {
    case .header, .records: collected.append(contentsOf: rest[..<count])
    case .content, .end: break
    }
    remaining -= Int64(count)
    let skipped = remaining == 0 ? Int(min(Int64(rest.count - count), padding)) : 0
    padding -= Int64(skipped)
    rest = UnsafeRawBufferPointer(rebasing: rest[(count + skipped)...])
    if remaining == 0, padding == 0 { try advance() }
  }

  private func advance() throws(ArchiveError) {
    let bytes = collected
    collected = []
    switch state {
    case .header: try readHeader(bytes)
    case .records(let isGlobal):
      try readRecords(bytes, isGlobal: isGlobal)
      enter(.header, size: 512)
    case .content: enter(.header, size: 512)
    case .end: break
    }
  }

  private func enter(_ state: State, size: Int64) {
    self.state = state
    remaining = size
    padding = (512 - size % 512) % 512
  }

  private func readHeader(_ header: [UInt8]) throws(ArchiveError) {
    guard header.contains(where: { $0 != 0 }) else {
      state = .end
      return
    }
    try Self.checkSum(of: header)
    let name = String(decoding: header[..<100].prefix { $0 != 0 }, as: UTF8.self)
    let size = try Self.size(of: header)
    let type = header[156]
    switch type {
    case UInt8(ascii: "x"), UInt8(ascii: "g"):
      guard size <= Self.maxRecordsSize else { throw Self.damaged("pax records are too large") }
      enterContent(.records(isGlobal: type == UInt8(ascii: "g")), size: size)
      return
    case UInt8(ascii: "L"), UInt8(ascii: "K"): enterContent(.content, size: size)
    case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
      enterContent(.content, size: recordSize ?? size)
      recordSize = nil
    case UInt8(ascii: "1"):
      // Some readers expect content after such a header and some do not.
      guard size == 0, recordSize ?? 0 == 0 else { throw Self.damaged("a hard link has content") }
      recordSize = nil
      enter(.header, size: 512)
    case UInt8(ascii: "2")...UInt8(ascii: "6"):
      recordSize = nil
      enter(.header, size: 512)
    case UInt8(ascii: "S"): throw .sparseFile(name)
    default: throw .unsupportedEntryType(name)
    }
  }

  private func enterContent(_ state: State, size: Int64) {
    if size == 0 {
      enter(.header, size: 512)
    } else {
      enter(state, size: size)
    }
  }

  private func readRecords(_ bytes: [UInt8], isGlobal: Bool) throws(ArchiveError) {
    var rest = bytes[...]
    while let space = rest.firstIndex(of: UInt8(ascii: " ")) {
      let digits = rest[..<space]
      guard let length = Int(String(decoding: digits, as: UTF8.self)), length > digits.count + 1,
        length <= rest.count
      else { throw Self.damaged("a pax record is malformed") }
      let record = rest[(space + 1)..<(rest.startIndex + length - 1)]
      rest = rest.dropFirst(length)
      guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else {
        throw Self.damaged("a pax record is malformed")
      }
      try readRecord(
        String(decoding: record[..<equals], as: UTF8.self), record[(equals + 1)...], isGlobal: isGlobal)
    }
  }

  private func readRecord(_ key: String, _ value: ArraySlice<UInt8>, isGlobal: Bool) throws(ArchiveError) {
    let text = String(decoding: value.prefix(256), as: UTF8.self)
    if key.hasPrefix("GNU.sparse.") { throw .sparseFile(text) }
    guard ["path", "linkpath", "size"].contains(key) else { return }
    // libarchive ignores these, Python applies them to every entry.
    guard !isGlobal else { throw Self.damaged("a global pax record sets the \(key) of all entries") }
    if key == "size" {
      guard let size = Int64(text), size >= 0 else { throw Self.damaged("a size is malformed") }
      recordSize = size
    } else if value.contains(0) {
      throw .unsafePath(text, .nul)
    }
  }

  private static func size(of header: [UInt8]) throws(ArchiveError) -> Int64 {
    let field = header[124..<136]
    guard header[124] & 0x80 != 0 else { return octal(field) }
    let size = field.dropFirst(4).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard header[124] == 0x80, header[125..<128].allSatisfy({ $0 == 0 }), let size = Int64(exactly: size),
      size < Int64.max - 512
    else { throw damaged("a size is malformed") }
    return size
  }

  private static func checkSum(of header: [UInt8]) throws(ArchiveError) {
    let blanked = header[..<148] + [UInt8](repeating: UInt8(ascii: " "), count: 8) + header[156...]
    let unsigned = blanked.reduce(0) { $0 + Int64($1) }
    let signed = blanked.reduce(0) { $0 + Int64(Int8(bitPattern: $1)) }
    let declared = octal(header[148..<156])
    guard declared == unsigned || declared == signed else { throw damaged("a header's checksum is wrong") }
  }

  private static func octal(_ field: ArraySlice<UInt8>) -> Int64 {
    field.drop { $0 == UInt8(ascii: " ") }.prefix { (0x30...0x37).contains($0) }
      .reduce(0) { $0 << 3 | Int64($1 - 0x30) }
  }

  private static func damaged(_ detail: String) -> ArchiveError {
    .damaged(.tar, detail: detail)
  }
}
