/// A package version in conda's order: `1.0.dev1 < 1.0a1 < 1.0 == 1.0.0 < 1.0.post1` (CEP 33, conda's
/// `VersionOrder`).
///
/// Two versions are equal when neither sorts before the other, so `1.0 == 1.0.0` and both hash alike; `text`
/// keeps the spelling. Any text that conda can order is read, which is more than a file name may hold: see
/// `isValidInFileName(_:)`.
public struct Version: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The version as written.
  public let text: String

  /// Bytes whose plain lexicographic order (`memcmp`, SQLite's order of blobs) is the order of versions.
  ///
  /// Equal versions have equal keys. The form is an internal matter that may change between releases: rebuild
  /// stored keys then.
  public let sortKey: [UInt8]

  /// Reads a version.
  ///
  /// Upper case counts as lower case, spaces around it are ignored, and `-` counts as `_` if there is no `_`.
  /// - Throws: `ParseError` for an empty text or part, a character outside letters, digits and `.+!_*`, an
  ///   epoch that is not a number, a second `!` or `+`, or more than 1,000 characters.
  public init(parsing text: String) throws(ParseError) {
    var parser = VersionParser(text: text)
    let parsed = try parser.parse()
    self.text = text
    sortKey = VersionSortKey.make(version: parsed.version, local: parsed.local)
  }

  /// The version as written.
  public var description: String { text }

  /// Whether neither sorts before the other.
  public static func == (left: Version, right: Version) -> Bool { left.sortKey == right.sortKey }

  /// Conda's order.
  public static func < (left: Version, right: Version) -> Bool {
    left.sortKey.lexicographicallyPrecedes(right.sortKey)
  }

  /// Hashes what the order sees, so `1.0` like `1.0.0`.
  public func hash(into hasher: inout Hasher) { hasher.combine(sortKey) }

  /// Whether a version may stand in a file name and in `index.json`: 1…64 digits, lower-case letters, `.`,
  /// `_`, `+`, `!` (CEP 26).
  public static func isValidInFileName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { ASCII.isLowerOrDigit($0) || "._+!".utf8.contains($0) }
  }

  static let fileNameRule = "1 to 64 digits, lower-case letters, '.', '_', '+' and '!'"
}
