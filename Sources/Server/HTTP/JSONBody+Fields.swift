import CondaTypes
import Foundation
import Metadata

// Fields of the API's own kinds, in upstream's words where they are wrong.
extension JSONBody {
  private static let rolePattern = "owner|maintainer|member"

  mutating func requiredRole(_ key: String) -> Role {
    guard has(key) else {
      note("missing", key, "Field required")
      return .member
    }
    if self[key] == .null { note("string_type", key, "Input should be a valid string") }
    return optionalRole(key) ?? .member
  }

  /// A role; `nil` if absent or `null`. The whole word must match, unlike upstream's.
  mutating func optionalRole(_ key: String) -> Role? {
    guard let text = optionalString(key) else { return nil }
    if let role = Role(rawValue: text) { return role }
    note(
      "string_pattern_mismatch", key, "String should match pattern '\(Self.rolePattern)'",
      context: ["pattern": .string(Self.rolePattern)])
    return nil
  }

  /// An absolute http or https URL; `nil` if absent or `null`.
  mutating func optionalURL(_ key: String) -> String? {
    guard let text = optionalString(key) else { return nil }
    let pattern = "^(http|https)://.+"
    let rest = ["http://", "https://"].first { text.hasPrefix($0) }.map { text.dropFirst($0.count) }
    if let rest, !rest.isEmpty { return text }
    note(
      "string_pattern_mismatch", key, "String should match pattern '\(pattern)'",
      context: ["pattern": .string(pattern)])
    return nil
  }

  mutating func requiredURL(_ key: String) -> String {
    if has(key), self[key] != .null { return optionalURL(key) ?? "" }
    if has(key) {
      note("string_type", key, "Input should be a valid string")
    } else {
      note("missing", key, "Field required")
    }
    return ""
  }

  /// A point in time, as text or as Unix time; `nil` if absent or `null`.
  mutating func optionalTime(_ key: String) -> Date? {
    guard let value = self[key], value != .null else { return nil }
    let time =
      switch value {
      case .string(let text): Timestamp.parse(text)
      case .integer(let number): Timestamp.parse(Double(number))
      case .number(let number): Timestamp.parse(number)
      default: nil as Date?
      }
    if let time { return time }
    note("datetime_from_date_parsing", key, "Input should be a valid datetime or date")
    return nil
  }

  /// One of a closed set of words; `nil` if absent or `null`.
  mutating func optionalChoice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, _ type: Choice.Type
  ) -> Choice? where Choice.RawValue == String {
    guard let value = self[key], value != .null else { return nil }
    if let choice = value.asString.flatMap(Choice.init(rawValue:)) { return choice }
    let words = Choice.allCases.map(\.rawValue)
    note(
      "enum", key, "Input should be \(ValidationWords.list(words))",
      context: ["expected": .string(ValidationWords.list(words))])
    return nil
  }

  /// A list of strings; `nil` if absent or `null`.
  mutating func optionalStrings(_ key: String) -> [String]? {
    guard let value = self[key], value != .null else { return nil }
    guard let items = value.asArray else {
      note("list_type", key, "Input should be a valid list")
      return nil
    }
    let texts = items.compactMap(\.asString)
    if texts.count != items.count { note("string_type", key, "Input should be a valid string") }
    return texts
  }
}

/// Pydantic's way of listing what it expects.
enum ValidationWords {
  /// `'proxy' or 'mirror'`, `'a', 'b' or 'c'`.
  static func list(_ words: [String]) -> String {
    let quoted = words.map { "'\($0)'" }
    guard quoted.count > 1, let last = quoted.last else { return quoted.first ?? "" }
    return quoted.dropLast().joined(separator: ", ") + " or " + last
  }
}
