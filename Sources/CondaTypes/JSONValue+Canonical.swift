/// The one way this server writes JSON: equal values make equal bytes, so documents can be compared and
/// hashed.
///
/// Keys in order of their UTF-8 bytes; `,` and `:` without spaces; text as it is, only control characters,
/// `"` and `\` escaped.
extension JSONValue {
  /// The value as canonical JSON text.
  ///
  /// - Parameter pretty: Two spaces of indentation per level and a space after `:`, for files that people
  ///   read.
  public func canonicalText(pretty: Bool = false) -> String {
    var bytes: [UInt8] = []
    if pretty { appendPretty(to: &bytes, level: 0) } else { appendCanonical(to: &bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends the value as compact canonical JSON.
  public func appendCanonical(to bytes: inout [UInt8]) {
    switch self {
    case .array(let values):
      bytes.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        value.appendCanonical(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, (key, value)) in members.sortedByKey().enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        Self.appendString(key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        value.appendCanonical(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    default: appendScalar(to: &bytes)
    }
  }

  /// Appends a text as a JSON string, quotes included.
  static func appendString(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    let needsEscaping = { (byte: UInt8) in
      byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }
    if text.utf8.contains(where: needsEscaping) {
      for byte in text.utf8 { appendEscaped(byte, to: &bytes) }
    } else {
      bytes += text.utf8
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func appendEscaped(_ byte: UInt8, to bytes: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"):
      bytes.append(UInt8(ascii: "\\"))
      bytes.append(byte)
    case 0x20...: bytes.append(byte)
    case 0x08: bytes += "\\b".utf8
    case 0x09: bytes += "\\t".utf8
    case 0x0A: bytes += "\\n".utf8
    case 0x0C: bytes += "\\f".utf8
    case 0x0D: bytes += "\\r".utf8
    default: bytes += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
    }
  }

  private func appendScalar(to bytes: inout [UInt8]) {
    switch self {
    case .bool(let value): bytes += (value ? "true" : "false").utf8
    case .integer(let value): bytes += String(value).utf8
    // A double made by hand may be infinite or NaN, which JSON cannot say.
    case .number(let value): bytes += (value.isFinite ? value.description : "null").utf8
    case .string(let value): Self.appendString(value, to: &bytes)
    default: bytes += "null".utf8
    }
  }

  private func appendPretty(to bytes: inout [UInt8], level: Int) {
    func startLine(_ level: Int) {
      bytes.append(UInt8(ascii: "\n"))
      bytes += repeatElement(UInt8(ascii: " "), count: 2 * level)
    }
    switch self {
    case .array(let values) where !values.isEmpty:
      for (index, value) in values.enumerated() {
        bytes.append(UInt8(ascii: index == 0 ? "[" : ","))
        startLine(level + 1)
        value.appendPretty(to: &bytes, level: level + 1)
      }
      startLine(level)
      bytes.append(UInt8(ascii: "]"))
    case .object(let members) where !members.isEmpty:
      for (index, (key, value)) in members.sortedByKey().enumerated() {
        bytes.append(UInt8(ascii: index == 0 ? "{" : ","))
        startLine(level + 1)
        Self.appendString(key, to: &bytes)
        bytes += ": ".utf8
        value.appendPretty(to: &bytes, level: level + 1)
      }
      startLine(level)
      bytes.append(UInt8(ascii: "}"))
    default: appendCanonical(to: &bytes)
    }
  }
}
