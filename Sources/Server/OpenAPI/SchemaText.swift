import CondaTypes

/// JSON Schema (2020-12, as OpenAPI 3.1 has it) in few words.
enum SchemaText {
  static let string: JSONValue = ["type": "string"]
  static let integer: JSONValue = ["type": "integer"]
  /// As a query may say it: of 64 bits.
  static let position: JSONValue = [
    "type": "integer", "format": "int64", "minimum": .integer(.min), "maximum": .integer(.max),
  ]
  static let count: JSONValue = ["type": "integer", "minimum": 0]
  static let boolean: JSONValue = ["type": "boolean"]
  static let uuid: JSONValue = ["type": "string", "format": "uuid"]
  static let null: JSONValue = ["type": "null"]
  /// A time in UTC without zone, which is no RFC 3339 `date-time`.
  static let time: JSONValue = [
    "type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?$",
  ]
  static let day: JSONValue = ["type": "string", "format": "date"]
  /// A time as requests may say it: ISO 8601, a day, or Unix time.
  static let moment: JSONValue = [
    "anyOf": [
      ["type": "string", "format": "date-time"], day,
      [
        "type": "number", "minimum": .number(Timestamp.unixTimes.lowerBound),
        "maximum": .number(Timestamp.unixTimes.upperBound),
      ],
    ]
  ]
  /// A part of a name to look for.
  static let part: JSONValue = ["type": "string", "maxLength": .integer(Int64(QueryParameters.longestPart))]
  /// A search.
  static let search: JSONValue = ["type": "string", "maxLength": .integer(Int64(SearchSyntax.longest))]
  static let role: JSONValue = words("owner", "maintainer", "member")
  static let anything: JSONValue = [:]

  static func words(_ words: String...) -> JSONValue {
    ["type": "string", "enum": .array(words.map { .string($0) })]
  }

  static func list(_ item: JSONValue) -> JSONValue { ["type": "array", "items": item] }

  static func nullable(_ schema: JSONValue) -> JSONValue { ["anyOf": [schema, null]] }

  static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

  static func page(_ name: String) -> JSONValue {
    object([
      "pagination": object(["skip": count, "limit": integer, "all_records_count": count]),
      "result": list(reference(name)),
    ])
  }

  /// An answer's object: all fields, perhaps optional ones, and no others.
  static func object(_ fields: [String: JSONValue], optional: [String: JSONValue] = [:]) -> JSONValue {
    [
      "type": "object", "properties": .object(fields.merging(optional) { first, _ in first }),
      "required": .array(fields.keys.sorted().map { .string($0) }), "additionalProperties": false,
    ]
  }

  /// A request's object: unknown fields are ignored.
  static func input(_ fields: [String: JSONValue], required: [String] = []) -> JSONValue {
    [
      "type": "object", "properties": .object(fields),
      "required": .array(required.sorted().map { .string($0) }),
    ]
  }
}
