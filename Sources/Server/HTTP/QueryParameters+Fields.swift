import APITypes
import CondaTypes
import Foundation

extension QueryParameters {
  /// One of a closed set of words.
  mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, default fallback: Choice
  ) -> Choice where Choice.RawValue == String {
    guard let text = raw(key) else { return fallback }
    return choice(text, key) ?? fallback
  }

  /// Every value given of a repeatable parameter, each one of a closed set of words; `nil` if there is none.
  mutating func choices<Choice: RawRepresentable & CaseIterable>(
    _ key: String, _ type: Choice.Type
  ) -> [Choice]? where Choice.RawValue == String {
    let texts = all(key)
    return texts.isEmpty ? nil : texts.compactMap { choice($0, key) as Choice? }
  }

  private mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ text: String, _ key: String
  ) -> Choice? where Choice.RawValue == String {
    if let choice = Choice(rawValue: text) { return choice }
    let words = ValidationWords.list(Choice.allCases.map(\.rawValue))
    note(
      ValidationIssue(
        type: "enum", location: ["query", .string(key)], message: "Input should be \(words)",
        input: .string(text), context: ["expected": .string(words)]))
    return nil
  }

  /// A point in time; `nil` if absent.
  mutating func time(_ key: String) -> Date? {
    guard let text = raw(key) else { return nil }
    // A plus that nobody encoded: `+02:00` arrives as ` 02:00`.
    if let time = Timestamp.parse(text) ?? Timestamp.parse(text.replacing(#/ (?=\d\d:?\d\d$)/#, with: "+")) {
      return time
    }
    note(
      ValidationIssue(
        type: "datetime_from_date_parsing", location: ["query", .string(key)],
        message: "Input should be a valid datetime or date", input: .string(text)))
    return nil
  }
}
