/// The name of a distributable package, e.g. `numpy` or `_libgcc_mutex`, as CEP 26 allows it.
///
/// Shape: 1…64 ASCII letters, digits and the separators `.`, `-`, `_`; it may start with a letter, a digit or
/// one `_`, and no two separators follow each other. Typed in any case, stored lower case. A virtual name
/// (`__cuda`) has no artifact and is refused.
public struct PackageName: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The name, lower case.
  public let value: String

  /// Reads a name.
  ///
  /// - Throws: `ParseError` saying which rule of CEP 26 the text breaks.
  public init(parsing text: String) throws(ParseError) {
    let value = ASCII.lowercased(text)
    if let expected = Self.brokenRule(value.utf8) {
      throw ParseError(subject: "package name", found: text, expected: expected)
    }
    self.value = value
  }

  /// The name.
  public var description: String { value }

  /// Order of the UTF-8 bytes.
  public static func < (left: PackageName, right: PackageName) -> Bool {
    left.value.precedesByBytes(right.value)
  }

  private static func brokenRule(_ name: String.UTF8View) -> String? {
    guard let first = name.first, name.count <= 64 else { return "1 to 64 characters" }
    let underscore = UInt8(ascii: "_")
    guard name.allSatisfy({ ASCII.isLowerOrDigit($0) || ASCII.isNameSeparator($0) }) else {
      return "only ASCII letters, digits, '.', '-' and '_'"
    }
    if name.starts(with: [underscore, underscore]) {
      return "a distributable package; a name that starts with '__' is a virtual package's"
    }
    guard ASCII.isLowerOrDigit(first) || (first == underscore && name.count > 1) else {
      return "a letter, a digit or one '_' followed by more at the start"
    }
    let hasDoubleSeparator = zip(name, name.dropFirst()).contains {
      ASCII.isNameSeparator($0) && ASCII.isNameSeparator($1)
    }
    return hasDoubleSeparator ? "no two of '.', '-' and '_' in a row" : nil
  }
}
