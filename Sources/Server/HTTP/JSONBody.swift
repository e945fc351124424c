import APITypes
import CondaTypes
import Hummingbird

/// A request's JSON object, read field by field with upstream's error form; all problems are thrown together.
///
/// Text that is no JSON is refused at once. A body that is missing, or no object, is a problem like those of its fields:
/// what the path names and the right to read it come first (quetz-api.md §0.2).
///
/// Any content type is taken: upstream's documents use `curl -d`, which sends a form's.
struct JSONBody {
  private let fields: [String: JSONValue]
  private(set) var issues: [ValidationIssue] = []
  /// Why there are no fields at all; then nothing else is said.
  private let wholeIssue: ValidationIssue?

  /// The largest body that is read; longer ones are a 413.
  static let maxSize = 1 << 20

  /// Collects and parses the body.
  ///
  /// - Throws: 413 if it is longer than 1 MiB; 422 if it is not JSON.
  init(reading request: Request) async throws {
    let buffer = try await request.body.collect(upTo: Self.maxSize)
    guard buffer.readableBytes > 0 else {
      (fields, wholeIssue) = ([:], Self.missing)
      return
    }
    let value: JSONValue
    do {
      value = try JSONValue(parsing: Array(buffer.readableBytesView))
    } catch {
      throw APIError.validation([
        ValidationIssue(
          type: "json_invalid", location: ["body", 0], message: "JSON decode error", input: .object([:]),
          context: ["error": .string(error.description)])
      ])
    }
    (fields, wholeIssue) = (value.asObject ?? [:], Self.issue(of: value))
  }

  private static let missing = ValidationIssue(
    type: "missing", location: ["body"], message: "Field required")

  /// What is wrong with a body as a whole; `null` is none, as upstream takes it.
  private static func issue(of value: JSONValue) -> ValidationIssue? {
    if value == .null { return missing }
    if value.asObject != nil { return nil }
    return ValidationIssue(
      type: "model_attributes_type", location: ["body"],
      message: "Input should be a valid dictionary or object to extract fields from", input: value)
  }

  func has(_ key: String) -> Bool { fields[key] != nil }

  subscript(key: String) -> JSONValue? { fields[key] }

  /// Notes a problem of a field; the input of one that is missing is the body, as pydantic has it.
  mutating func note(_ type: String, _ key: String, _ message: String, context: [String: JSONValue] = [:]) {
    issues.append(
      ValidationIssue(
        type: type, location: ["body", .string(key)], message: message,
        input: fields[key] ?? .object(fields), context: context))
  }

  /// Notes a problem further in: `["roles", 0, "role"]`.
  mutating func note(
    _ type: String, at place: [JSONValue], _ message: String, input: JSONValue,
    context: [String: JSONValue] = [:]
  ) {
    issues.append(
      ValidationIssue(
        type: type, location: ["body"] + place, message: message, input: input, context: context))
  }

  /// Notes a problem of the body as a whole.
  mutating func noteWhole(_ type: String, _ message: String) {
    issues.append(
      ValidationIssue(type: type, location: ["body"], message: message, input: .object(fields)))
  }

  mutating func requiredString(_ key: String, maxLength: Int? = nil) -> String {
    guard fields[key] != nil else {
      note("missing", key, "Field required")
      return ""
    }
    guard let text = fields[key]?.asString else {
      note("string_type", key, "Input should be a valid string")
      return ""
    }
    checkLength(text, key, maxLength)
    return text
  }

  mutating func optionalString(_ key: String, maxLength: Int? = nil) -> String? {
    guard let value = fields[key], value != .null else { return nil }
    guard let text = value.asString else {
      note("string_type", key, "Input should be a valid string")
      return nil
    }
    checkLength(text, key, maxLength)
    return text
  }

  private mutating func checkLength(_ text: String, _ key: String, _ maxLength: Int?) {
    guard let maxLength, text.unicodeScalars.count > maxLength else { return }
    note(
      "string_too_long", key, "String should have at most \(maxLength) characters",
      context: ["max_length": .integer(Int64(maxLength))])
  }

  /// True or false, also as one of pydantic's words for it or as 1 or 0.
  mutating func bool(_ key: String, default fallback: Bool) -> Bool {
    guard let value = fields[key] else { return fallback }
    switch value {
    case .bool(let flag): return flag
    case .integer(0), .number(0): return false
    case .integer(1), .number(1): return true
    case .string(let text):
      if let flag = QueryParameters.parseBool(text) { return flag }
      note("bool_parsing", key, "Input should be a valid boolean, unable to interpret input")
    default:
      note("bool_type", key, "Input should be a valid boolean")
    }
    return fallback
  }

  /// A whole number not below zero, also as text; `nil` if absent or `null`.
  mutating func optionalCount(_ key: String) -> Int64? {
    guard let value = fields[key], value != .null else { return nil }
    guard let number = value.asInteger ?? Self.whole(value) else {
      if value.asString == nil {
        note("int_type", key, "Input should be a valid integer")
      } else {
        note(
          "int_parsing", key, "Input should be a valid integer, unable to parse string as an integer")
      }
      return nil
    }
    if number < 0 {
      note("greater_than_equal", key, "Input should be greater than or equal to 0", context: ["ge": 0])
    }
    return number
  }

  /// `60.0` and `"60"` are whole numbers, for pydantic; the first for JSON Schema as well.
  private static func whole(_ value: JSONValue) -> Int64? {
    switch value {
    case .number(let number) where abs(number) <= 0x1p53: Int64(exactly: number)
    case .string(let text) where text.utf8.count <= 18 && text.utf8.allSatisfy(isDigit): Int64(text)
    default: nil
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// - Throws: a 422 with every issue noted so far.
  func validate() throws {
    if let wholeIssue { throw APIError.validation([wholeIssue]) }
    if !issues.isEmpty { throw APIError.validation(issues) }
  }
}
