/// Any JSON value (RFC 8259), for metadata whose unknown keys must survive.
///
/// Whole numbers within 64 bits stay whole; others (`1.5`, `1e3`, 2⁶⁴) are `number`. A key is looked up as
/// Swift compares text, so two keys that differ only in Unicode normalisation are one.
public enum JSONValue: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number written without fraction and exponent that fits 64 bits.
  case integer(Int64)
  /// Any other number; always finite when it was parsed.
  case number(Double)
  /// Text.
  case string(String)
  /// Values in order.
  case array([JSONValue])
  /// Values by key; order is not kept.
  case object([String: JSONValue])

  /// Reads one JSON value that fills all of `bytes`, apart from white space.
  ///
  /// - Throws: `ParseError` with the offset of the first thing that is wrong: syntax, text that is not UTF-8
  ///   or has half a surrogate pair, NaN or Infinity, a number beyond a double's range, more than 64 levels,
  ///   anything after the value. Of a key that stands twice the last value counts.
  public init(parsing bytes: some Collection<UInt8>) throws(ParseError) {
    var parser = JSONParser(bytes: (bytes as? [UInt8]) ?? Array(bytes))
    self = try parser.parseDocument()
  }

  /// The value under a key; `nil` if there is none or this is not an object.
  public subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// The text, if this is a string.
  public var asString: String? { if case .string(let value) = self { value } else { nil } }

  /// The number, if this is a whole number within 64 bits.
  public var asInteger: Int64? { if case .integer(let value) = self { value } else { nil } }

  /// The truth value, if this is one.
  public var asBool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The values, if this is an array.
  public var asArray: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

  /// The members, if this is an object.
  public var asObject: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }

  /// What kind of value this is, in words for a message: `a string`, `an array`, ….
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer, .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
