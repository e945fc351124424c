/// Reads MessagePack; the format is drawn at `MessagePack`.
struct MessagePackDecoder {
  private static let depthLimit = 64

  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func decodeDocument() throws(ParseError) -> MessagePackValue {
    let value = try decodeValue()
    guard position == bytes.count else { throw error("nothing after the value") }
    return value
  }

  private mutating func decodeValue() throws(ParseError) -> MessagePackValue {
    let marker = UInt8(try bigEndian(1))
    switch marker {
    case 0x00...0x7F: return .integer(Int64(marker))
    case 0x80...0x8F: return try decodeMap(count: Int(marker & 0x0F))
    case 0x90...0x9F: return try decodeArray(count: Int(marker & 0x0F))
    case 0xA0...0xBF: return try decodeString(count: Int(marker & 0x1F))
    case 0xC0: return .null
    case 0xC2, 0xC3: return .bool(marker == 0xC3)
    case 0xC4...0xC6: return .binary(Array(try take(length(1 << (marker - 0xC4)))))
    case 0xC7...0xC9: return try decodeExtension(count: length(1 << (marker - 0xC7)))
    case 0xCA: return .number(Double(Float(bitPattern: try UInt32(bigEndian(4)))))
    case 0xCB: return .number(Double(bitPattern: try bigEndian(8)))
    case 0xCC...0xCF:
      let value = try bigEndian(1 << Int(marker - 0xCC))
      return Int64(exactly: value).map(MessagePackValue.integer) ?? .unsigned(value)
    case 0xD0...0xD3:
      let size = 1 << Int(marker - 0xD0)
      // Shifted up and down again, so the highest bit of the short form becomes the sign.
      let shifted = try bigEndian(size) << (64 - 8 * size)
      return .integer(Int64(bitPattern: shifted) >> (64 - 8 * size))
    case 0xD4...0xD8: return try decodeExtension(count: 1 << Int(marker - 0xD4))
    case 0xD9...0xDB: return try decodeString(count: length(1 << (marker - 0xD9)))
    case 0xDC, 0xDD: return try decodeArray(count: length(marker == 0xDC ? 2 : 4))
    case 0xDE, 0xDF: return try decodeMap(count: length(marker == 0xDE ? 2 : 4))
    case 0xE0...0xFF: return .integer(Int64(Int8(bitPattern: marker)))
    default: throw error("a known type")
    }
  }

  private mutating func decodeArray(count: Int) throws(ParseError) -> MessagePackValue {
    try enter()
    var values: [MessagePackValue] = []
    for _ in 0..<count { values.append(try decodeValue()) }
    depth -= 1
    return .array(values)
  }

  private mutating func decodeMap(count: Int) throws(ParseError) -> MessagePackValue {
    try enter()
    var members: [MessagePackValue.Member] = []
    for _ in 0..<count { members.append(.init(key: try decodeValue(), value: try decodeValue())) }
    depth -= 1
    return .map(members)
  }

  private mutating func decodeString(count: Int) throws(ParseError) -> MessagePackValue {
    guard let text = String(validating: try take(count), as: UTF8.self) else { throw error("text in UTF-8") }
    return .string(text)
  }

  private mutating func decodeExtension(count: Int) throws(ParseError) -> MessagePackValue {
    let type = Int8(bitPattern: UInt8(try bigEndian(1)))
    return .extension(type: type, Array(try take(count)))
  }

  private mutating func enter() throws(ParseError) {
    depth += 1
    guard depth <= Self.depthLimit else { throw error("at most \(Self.depthLimit) levels") }
  }

  private mutating func length(_ size: Int) throws(ParseError) -> Int { Int(try bigEndian(size)) }

  private mutating func bigEndian(_ size: Int) throws(ParseError) -> UInt64 {
    var value: UInt64 = 0
    for byte in try take(size) { value = value << 8 | UInt64(byte) }
    return value
  }

  private mutating func take(_ count: Int) throws(ParseError) -> ArraySlice<UInt8> {
    guard count <= bytes.count - position else { throw error("\(count) more bytes") }
    position += count
    return bytes[(position - count)..<position]
  }

  private func error(_ expected: String) -> ParseError {
    ParseError(subject: "MessagePack", found: "offset \(position) of \(bytes.count)", expected: expected)
  }
}
