/// Which versions are wanted, in conda's language (CEP 29, "Version matching"): `>=1.2,<2|==3.0`.
///
///     1.2  ==1.2           that version; 1.2.0 is the same
///     1.2.*  1.2*  =1.2    versions that begin so; ==1.2.* says the same (CEP 29)
///     !=1.2  !=1.2.*       any but that one; none that begins so
///     <  <=  >  >=         in conda's order; a '.*' at the end is left out
///     ~=1.2.3              >=1.2.3 and 1.2.*
///     *                    any
///     1.*.3  ^1\.(2|3)$    a glob or a regular expression on the text of the version
///     ,  |  ( )            and (binds more strongly), or, grouping
///
/// Letters count as lower case and spaces between the signs do not matter. It is read once and matches any
/// number of versions. Where conda and rattler agree we do as they do (`!=1.2` leaves `1.2.1` in, which the
/// CEP's words would not); where they differ the CEP decides: decision 0016 lists the cases.
public struct VersionSpec: Hashable, Sendable, CustomStringConvertible {
  indirect enum Node: Hashable, Sendable {
    case any
    case compare(Comparison, Version)
    case begins(VersionPrefix, isWanted: Bool)
    case compatible(Version, VersionPrefix)
    case text(TextPattern, isWanted: Bool)
    case all([Node])
    case oneOf([Node])
  }

  enum Comparison: String, Hashable, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
  }

  /// The most UTF-8 bytes that are read.
  public static let longestText = 4096

  /// As written.
  public let description: String
  private let node: Node

  /// Reads a version spec.
  ///
  /// - Throws: `ParseError` that names the clause that is wrong: no version after an operator, an unknown
  ///   operator, a version that conda cannot order, `<*`, unbalanced or too deep parentheses, a regular
  ///   expression with look-around, or more than 4,096 bytes.
  public init(parsing text: String) throws(ParseError) {
    guard text.utf8.count <= Self.longestText else {
      throw ParseError(subject: "version spec", found: text, expected: "at most \(Self.longestText) bytes")
    }
    var parser = VersionSpecParser(text: text)
    node = try parser.parse()
    description = text
  }

  /// Whether the version is wanted.
  public func matches(_ version: Version) -> Bool { Self.matches(node, version.text, version) }

  /// Whether the version is wanted, given as text. One that conda cannot order (`1..2`) is only found by `*`,
  /// globs and regular expressions.
  public func matches(_ text: String) -> Bool { Self.matches(node, text, try? Version(parsing: text)) }

  private static func matches(_ node: Node, _ text: String, _ version: Version?) -> Bool {
    switch node {
    case .any: return true
    case .all(let nodes): return nodes.allSatisfy { matches($0, text, version) }
    case .oneOf(let nodes): return nodes.contains { matches($0, text, version) }
    case .text(let pattern, let isWanted): return pattern.matches(text) == isWanted
    case .compare, .begins, .compatible: break
    }
    guard let version else { return false }
    switch node {
    case .compare(let comparison, let limit): return comparison.holds(version, limit)
    case .begins(let prefix, let isWanted): return prefix.matches(version) == isWanted
    case .compatible(let limit, let prefix): return version >= limit && prefix.matches(version)
    case .any, .all, .oneOf, .text: return false
    }
  }
}

extension VersionSpec.Comparison {
  func holds<Value: Comparable>(_ version: Value, _ limit: Value) -> Bool {
    switch self {
    case .equal: version == limit
    case .notEqual: version != limit
    case .less: version < limit
    case .lessOrEqual: version <= limit
    case .greater: version > limit
    case .greaterOrEqual: version >= limit
    }
  }
}
