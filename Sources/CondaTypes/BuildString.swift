/// The build string of an artifact, e.g. `py312h1234567_0`: tells builds of one version apart (CEP 26).
///
/// Shape: 1…64 ASCII letters, digits, `_`, `.` and `+`; case matters.
public struct BuildString: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The build string as written.
  public let value: String

  /// Reads a build string.
  ///
  /// - Throws: `ParseError` if it is empty, longer than 64 characters or has any other character.
  public init(parsing text: String) throws(ParseError) {
    guard !text.isEmpty, text.utf8.count <= 64 else {
      throw ParseError(subject: "build string", found: text, expected: "1 to 64 characters")
    }
    guard text.utf8.allSatisfy({ ASCII.isAlphanumeric($0) || "_.+".utf8.contains($0) }) else {
      throw ParseError(
        subject: "build string", found: text, expected: "only ASCII letters, digits, '_', '.' and '+'")
    }
    value = text
  }

  /// The build string.
  public var description: String { value }

  /// Order of the UTF-8 bytes.
  public static func < (left: BuildString, right: BuildString) -> Bool {
    left.value.precedesByBytes(right.value)
  }
}
