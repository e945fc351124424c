// JSON written in source reads as JSON: `["detail": "Not Found", "limit": 20]`.

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A string.
  public init(stringLiteral text: String) { self = .string(text) }

  /// A whole number.
  public init(integerLiteral number: Int64) { self = .integer(number) }

  /// True or false.
  public init(booleanLiteral flag: Bool) { self = .bool(flag) }

  /// An array.
  public init(arrayLiteral items: JSONValue...) { self = .array(items) }

  /// An object; of a key given twice the last value counts.
  public init(dictionaryLiteral fields: (String, JSONValue)...) {
    self = .object(Dictionary(fields) { _, last in last })
  }
}
