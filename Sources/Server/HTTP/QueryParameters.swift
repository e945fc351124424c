import APITypes
import CondaTypes
import Foundation

/// A request's query string, decoded, read with upstream's rules (quetz-api.md §0.1) and its error form.
///
/// Unknown parameters are ignored; so is anything that is no `key=value`. Every getter notes its problem, and
/// `validate()` throws them together.
struct QueryParameters {
  private let values: [String: [String]]
  private(set) var issues: [ValidationIssue] = []

  init(_ query: String?) {
    var values: [String: [String]] = [:]
    for pair in (query ?? "").split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let key = PercentEncoding.decode(parts[0], plusIsSpace: true) else { continue }
      let value = parts.count == 2 ? PercentEncoding.decode(parts[1], plusIsSpace: true) : ""
      if let value { values[key, default: []].append(value) }
    }
    self.values = values
  }

  /// The last value given, as Starlette takes it.
  func raw(_ key: String) -> String? { values[key]?.last }

  /// Every value given, in order.
  func all(_ key: String) -> [String] { values[key] ?? [] }

  mutating func note(_ issue: ValidationIssue) { issues.append(issue) }

  /// A text; empty means absent.
  func text(_ key: String) -> String? { raw(key).flatMap { $0.isEmpty ? nil : $0 } }

  /// A part of a name to look for; empty means absent.
  mutating func part(_ key: String) -> String? {
    guard let text = text(key) else { return nil }
    if text.unicodeScalars.count <= Self.longestPart { return text }
    issues.append(
      ValidationIssue(
        type: "string_too_long", location: ["query", .string(key)],
        message: "String should have at most \(Self.longestPart) characters", input: .string(text),
        context: ["max_length": .integer(Int64(Self.longestPart))]))
    return nil
  }

  /// No name is as long. SQLite refuses patterns of 50,000 bytes.
  static let longestPart = 1000

  /// A text that must be given, perhaps empty.
  mutating func required(_ key: String) -> String {
    if let value = raw(key) { return value }
    issues.append(
      ValidationIssue(type: "missing", location: ["query", .string(key)], message: "Field required"))
    return ""
  }

  mutating func bool(_ key: String, default fallback: Bool) -> Bool {
    guard let text = raw(key) else { return fallback }
    if let value = Self.parseBool(text) { return value }
    issues.append(
      ValidationIssue(
        type: "bool_parsing", location: ["query", .string(key)],
        message: "Input should be a valid boolean, unable to interpret input", input: .string(text)))
    return fallback
  }

  mutating func integer(_ key: String, default fallback: Int) -> Int {
    guard let text = raw(key) else { return fallback }
    if let value = Int(text) { return value }
    issues.append(
      ValidationIssue(
        type: "int_parsing", location: ["query", .string(key)],
        message: "Input should be a valid integer, unable to parse string as an integer", input: .string(text)
      ))
    return fallback
  }

  /// An identifier; empty means absent.
  mutating func uuid(_ key: String) -> UUID? {
    guard let text = text(key) else { return nil }
    if let value = UUID(uuidString: text) { return value }
    issues.append(
      ValidationIssue(
        type: "uuid_parsing", location: ["query", .string(key)], message: "Input should be a valid UUID",
        input: .string(text)))
    return nil
  }

  /// A conda version spec, e.g. `>=1.2,<2`; empty means absent.
  mutating func versionSpec(_ key: String) -> VersionSpec? {
    guard let text = text(key) else { return nil }
    do {
      return try VersionSpec(parsing: text)
    } catch {
      issues.append(
        ValidationIssue(
          type: "value_error", location: ["query", .string(key)], message: "Value error, \(error)",
          input: .string(text)))
      return nil
    }
  }

  /// - Throws: a 422 with every issue noted so far.
  func validate() throws {
    if !issues.isEmpty { throw APIError.validation(issues) }
  }

  /// Pydantic's words for true and false, any case.
  static func parseBool(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "true", "1", "on", "yes", "t", "y": true
    case "false", "0", "off", "no", "f", "n": false
    default: nil
    }
  }
}

/// `skip` and `limit` of a paginated route; a negative limit means everything.
struct Paging {
  let skip: Int
  let limit: Int

  init(_ query: inout QueryParameters) {
    skip = max(0, query.integer("skip", default: 0))
    limit = query.integer("limit", default: 20)
  }

  /// What the database is asked for; `nil` for no limit.
  var rowLimit: Int? { limit < 0 ? nil : limit }
}
