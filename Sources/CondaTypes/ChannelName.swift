/// The name of a channel, e.g. `conda-forge`.
///
/// Shape: 1…50 ASCII letters, digits, `.` and `-`, a letter or digit first, never `..`. Stored as typed; two
/// names that differ only in case mean the same channel, so look up and compare by `folded`.
public struct ChannelName: Hashable, Sendable, CustomStringConvertible {
  /// The name as typed, in its own case.
  public let value: String

  /// The name in lower case: what is unique and looked up.
  public var folded: String { ASCII.lowercased(value) }

  /// Reads a channel's name.
  ///
  /// - Throws: `ParseError` saying which part of the shape the text breaks.
  public init(parsing text: String) throws(ParseError) {
    guard let first = text.utf8.first, text.utf8.count <= 50 else {
      throw ParseError(subject: "channel name", found: text, expected: "1 to 50 characters")
    }
    guard text.utf8.allSatisfy({ ASCII.isAlphanumeric($0) || ".-".utf8.contains($0) }) else {
      throw ParseError(
        subject: "channel name", found: text, expected: "only ASCII letters, digits, '.' and '-'")
    }
    guard ASCII.isAlphanumeric(first) else {
      throw ParseError(subject: "channel name", found: text, expected: "a letter or a digit at the start")
    }
    let dot = UInt8(ascii: ".")
    guard !zip(text.utf8, text.utf8.dropFirst()).contains(where: { $0 == dot && $1 == dot }) else {
      throw ParseError(subject: "channel name", found: text, expected: "no '..'")
    }
    value = text
  }

  /// The name as typed.
  public var description: String { value }
}
