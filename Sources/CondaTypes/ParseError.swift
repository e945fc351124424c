/// Says that a text or some bytes are not what a rule asks for.
///
/// Reads as `package name 'No Way': expected lower-case ASCII letters …`. `found` is always safe to show:
/// control and non-ASCII characters are escaped (`\u{0}`, `\u{430}`), so a look-alike shows itself, and long
/// input is shortened.
public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was being read, e.g. `package name`.
  public let subject: String
  /// What was there, escaped and at most about 80 characters long.
  public let found: String
  /// What the rule asks for, as the end of the sentence "expected …".
  public let expected: String

  /// Makes an error; `found` is escaped and shortened here, callers pass the raw text.
  public init(subject: String, found: String, expected: String) {
    self.subject = subject
    self.found = Self.excerpt(found)
    self.expected = expected
  }

  /// The whole sentence, e.g. `build string 'a b': expected only ASCII letters …`.
  public var description: String { "\(subject) '\(found)': expected \(expected)" }

  /// A text made safe and short for a message: printable ASCII kept, the rest as `\u{…}`, the middle left out
  /// past 80.
  static func excerpt(_ text: String) -> String {
    let limit = 80
    let scalars = text.unicodeScalars
    guard scalars.index(scalars.startIndex, offsetBy: limit + 1, limitedBy: scalars.endIndex) != nil else {
      return escaped(scalars)
    }
    let tail = scalars.index(scalars.endIndex, offsetBy: -16)
    return "\(escaped(scalars.prefix(48)))…\(escaped(scalars[tail...])) (\(scalars.count) characters)"
  }

  private static func escaped(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var text = ""
    for scalar in scalars {
      if (0x20...0x7E).contains(scalar.value) {
        text.unicodeScalars.append(scalar)
      } else {
        text += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
    return text
  }
}
