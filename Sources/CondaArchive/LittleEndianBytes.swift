/// Bytes whose integers are little endian, as in a ZIP file. Check with `has` before reading.
struct LittleEndianBytes {
  /// The bytes.
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// How many bytes there are.
  var count: Int { bytes.count }

  /// Whether `count` bytes lie at `offset`.
  func has(_ count: Int, at offset: Int) -> Bool {
    offset >= 0 && count >= 0 && offset <= bytes.count && count <= bytes.count - offset
  }

  /// The bytes at `offset`.
  func slice(at offset: Int, count: Int) -> LittleEndianBytes {
    LittleEndianBytes(Array(bytes[offset..<offset + count]))
  }

  /// Two bytes.
  func uint16(at offset: Int) -> UInt16 { UInt16(integer(at: offset, count: 2)) }

  /// Four bytes.
  func uint32(at offset: Int) -> UInt32 { UInt32(integer(at: offset, count: 4)) }

  /// Eight bytes; above `Int64.max` they come out negative, which no check lets pass.
  func int64(at offset: Int) -> Int64 { Int64(bitPattern: integer(at: offset, count: 8)) }

  /// Where the four bytes of `value` stand last, ending before `end`.
  func lastIndex(of value: UInt32, before end: Int) -> Int? {
    let first = UInt8(truncatingIfNeeded: value)
    return bytes.withUnsafeBytes { buffer in
      var index = end - 4
      while index >= 0 {
        if buffer[index] == first, uint32(at: index) == value { return index }
        index -= 1
      }
      return nil
    }
  }

  /// The true values of 32-bit fields, in the order in which the ZIP64 extra field replaces those that are
  /// all ones.
  ///
  /// - Returns: `nil` if these bytes are no list of extra fields, or lack a value.
  func zip64(_ fields: [UInt32]) -> [Int64]? {
    var replacements: LittleEndianBytes?
    var position = 0
    while position < count {
      guard has(4, at: position), has(4 + Int(uint16(at: position + 2)), at: position) else { return nil }
      let length = Int(uint16(at: position + 2))
      if uint16(at: position) == 1 {
        guard replacements == nil else { return nil }
        replacements = slice(at: position + 4, count: length)
      }
      position += 4 + length
    }
    var used = 0
    var values: [Int64] = []
    for field in fields {
      guard field == .max else {
        values.append(Int64(field))
        continue
      }
      guard let replacements, replacements.has(8, at: used) else { return nil }
      let value = replacements.int64(at: used)
      guard value >= 0 else { return nil }
      values.append(value)
      used += 8
    }
    return values
  }

  private func integer(at offset: Int, count: Int) -> UInt64 {
    bytes[offset..<offset + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
