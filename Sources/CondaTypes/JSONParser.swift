/// A strict parser of RFC 8259 over bytes in memory; one pass, no Foundation.
struct JSONParser {
  private static let depthLimit = 64

  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func parseDocument() throws(ParseError) -> JSONValue {
    let value = try parseValue()
    skipWhitespace()
    guard position == bytes.count else { throw error("nothing after the value") }
    return value
  }

  private mutating func parseValue() throws(ParseError) -> JSONValue {
    skipWhitespace()
    guard let first = peek() else { throw error("a JSON value") }
    switch first {
    case UInt8(ascii: "{"): return try parseObject()
    case UInt8(ascii: "["): return try parseArray()
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "t"): return try parseLiteral("true", as: .bool(true))
    case UInt8(ascii: "f"): return try parseLiteral("false", as: .bool(false))
    case UInt8(ascii: "n"): return try parseLiteral("null", as: .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
    default: throw error("a JSON value")
    }
  }

  private mutating func parseLiteral(_ literal: StaticString, as value: JSONValue) throws(ParseError)
    -> JSONValue
  {
    let length = literal.utf8CodeUnitCount
    let isEqual = literal.withUTF8Buffer { bytes[position...].prefix(length).elementsEqual($0) }
    guard isEqual else { throw error("a JSON value") }
    position += length
    return value
  }

  // MARK: - Containers

  private mutating func parseObject() throws(ParseError) -> JSONValue {
    try enter()
    var members: [String: JSONValue] = [:]
    skipWhitespace()
    if !accept("}") {
      repeat {
        skipWhitespace()
        guard peek() == UInt8(ascii: "\"") else { throw error("a key in double quotes") }
        let key = try parseString()
        skipWhitespace()
        guard accept(":") else { throw error("':'") }
        members[key] = try parseValue()
        skipWhitespace()
      } while accept(",")
      guard accept("}") else { throw error("',' or '}'") }
    }
    depth -= 1
    return .object(members)
  }

  private mutating func parseArray() throws(ParseError) -> JSONValue {
    try enter()
    var values: [JSONValue] = []
    skipWhitespace()
    if !accept("]") {
      repeat {
        values.append(try parseValue())
        skipWhitespace()
      } while accept(",")
      guard accept("]") else { throw error("',' or ']'") }
    }
    depth -= 1
    return .array(values)
  }

  private mutating func enter() throws(ParseError) {
    depth += 1
    guard depth <= Self.depthLimit else { throw error("at most \(Self.depthLimit) levels") }
    position += 1
  }

  // MARK: - Numbers

  private mutating func parseNumber() throws(ParseError) -> JSONValue {
    let start = position
    _ = accept("-")
    if !accept("0") { try skipDigits() }
    var isWhole = true
    if accept(".") {
      isWhole = false
      try skipDigits()
    }
    if accept("e") || accept("E") {
      isWhole = false
      if !accept("+") { _ = accept("-") }
      try skipDigits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let value = Int64(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      position = start
      throw error("a number within the range of a double")
    }
    return .number(value)
  }

  private mutating func skipDigits() throws(ParseError) {
    let start = position
    while let byte = peek(), ASCII.isDigit(byte) { position += 1 }
    guard position > start else { throw error("a digit") }
  }

  // MARK: - Strings

  private mutating func parseString() throws(ParseError) -> String {
    position += 1
    let start = position
    while let byte = peek(), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      position += 1
    }
    if peek() == UInt8(ascii: "\"") {
      position += 1
      return try text(of: bytes[start..<(position - 1)], at: start)
    }
    var content = Array(bytes[start..<position])
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return try text(of: content[...], at: start)
      case UInt8(ascii: "\\"): try parseEscape(into: &content)
      case ..<0x20: throw error("control characters in text to be escaped")
      default:
        content.append(byte)
        position += 1
      }
    }
    throw error("a closing '\"'")
  }

  private func text(of content: ArraySlice<UInt8>, at start: Int) throws(ParseError) -> String {
    guard let text = String(validating: content, as: UTF8.self) else {
      throw ParseError(subject: "JSON", found: "offset \(start)", expected: "text in UTF-8")
    }
    return text
  }

  private mutating func parseEscape(into content: inout [UInt8]) throws(ParseError) {
    position += 1
    guard let letter = peek() else { throw error("a character after '\\'") }
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(letter)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"):
      content += String(Character(try parseUnicodeEscape())).utf8
      return
    default: throw error("one of \" \\ / b f n r t u after '\\'")
    }
    position += 1
  }

  private mutating func parseUnicodeEscape() throws(ParseError) -> Unicode.Scalar {
    let first = try parseCodeUnit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    if (0xD800...0xDBFF).contains(first), accept("\\"), peek() == UInt8(ascii: "u") {
      let second = try parseCodeUnit()
      if (0xDC00...0xDFFF).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (UInt32(first & 0x3FF) << 10 | UInt32(second & 0x3FF)))
      {
        return scalar
      }
    }
    throw error("both halves of a surrogate pair")
  }

  /// Reads `uXXXX`, with `position` on the `u`.
  private mutating func parseCodeUnit() throws(ParseError) -> UInt16 {
    let digits = bytes[(position + 1)...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw error("four hexadecimal digits after '\\u'") }
    position += 5
    return unit
  }

  // MARK: - Bytes

  private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipWhitespace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private func error(_ expected: String) -> ParseError {
    let found =
      position < bytes.count
      ? "\(String(decoding: bytes[position...].prefix(12), as: UTF8.self)) at offset \(position)"
      : "the end at offset \(position)"
    return ParseError(subject: "JSON", found: found, expected: expected)
  }
}
