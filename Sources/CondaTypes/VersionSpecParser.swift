/// Reads a version spec by recursive descent: alternatives of conjunctions of clauses.
struct VersionSpecParser {
  typealias Node = VersionSpec.Node

  /// The operators, longest first.
  static let operators = ["==", "!=", "<=", ">=", "~=", "<", ">", "="]

  private let text: String
  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0

  init(text: String) {
    self.text = text
    bytes = Array(text.utf8)
  }

  mutating func parse() throws(ParseError) -> Node {
    let node = try alternatives()
    guard position == bytes.count else { throw error("',' or '|' between versions, and a '(' for each ')'") }
    return node
  }

  /// Reads as far as the text is a version spec and returns how many bytes that are; for `MatchSpecParser`,
  /// where a build string may follow.
  mutating func parsePrefix() throws(ParseError) -> (node: Node, length: Int) {
    let node = try alternatives()
    return (node, position)
  }

  private mutating func alternatives() throws(ParseError) -> Node {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 32 else { throw error("at most 32 parentheses within each other") }
    var nodes = [try conjunction()]
    while take(UInt8(ascii: "|")) { nodes.append(try conjunction()) }
    return nodes.count == 1 ? nodes[0] : .oneOf(nodes)
  }

  private mutating func conjunction() throws(ParseError) -> Node {
    var nodes = [try item()]
    while take(UInt8(ascii: ",")) { nodes.append(try item()) }
    return nodes.count == 1 ? nodes[0] : .all(nodes)
  }

  private mutating func item() throws(ParseError) -> Node {
    guard take(UInt8(ascii: "(")) else { return try clause() }
    let node = try alternatives()
    guard take(UInt8(ascii: ")")) else { throw error("a ')' for each '('") }
    return node
  }

  /// Takes a sign, with the spaces before it; without the sign the spaces stay.
  private mutating func take(_ sign: UInt8) -> Bool {
    var ahead = position
    while ahead < bytes.count, MatchSpecText.isSpace(bytes[ahead]) { ahead += 1 }
    guard ahead < bytes.count, bytes[ahead] == sign else {
      if ahead == bytes.count { position = ahead }
      return false
    }
    position = ahead + 1
    return true
  }

  private mutating func skipSpaces() {
    while position < bytes.count, MatchSpecText.isSpace(bytes[position]) { position += 1 }
  }

  private mutating func clause() throws(ParseError) -> Node {
    skipSpaces()
    let start = position
    if position < bytes.count, bytes[position] == UInt8(ascii: "^") {
      guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "$")) else {
        throw error("a '$' at the end of a regular expression")
      }
      position = end + 1
      return .text(try TextPattern(parsing: MatchSpecText.string(bytes[start..<position])), isWanted: true)
    }
    while position < bytes.count, "=!<>~".utf8.contains(bytes[position]), !isEpochMark { position += 1 }
    let sign = MatchSpecText.string(bytes[start..<position])
    skipSpaces()
    let literalStart = position
    while position < bytes.count, MatchSpecText.isVersionByte(bytes[position]) { position += 1 }
    let literal = MatchSpecText.string(bytes[literalStart..<position])
    guard sign.isEmpty || Self.operators.contains(sign) else {
      throw error("one of \(Self.operators.joined(separator: " ")) instead of '\(ParseError.excerpt(sign))'")
    }
    guard !literal.isEmpty else { throw error("a version after '\(sign)'") }
    return try Self.clause(sign, literal, in: text)
  }

  /// A `!` that ends an epoch is part of the version, never of an operator; only `!=` begins with one.
  private var isEpochMark: Bool {
    bytes[position] == UInt8(ascii: "!")
      && (position + 1 >= bytes.count || bytes[position + 1] != UInt8(ascii: "="))
  }

  /// One clause from its operator (may be empty) and what follows.
  static func clause(_ sign: String, _ literal: String, in text: String) throws(ParseError) -> Node {
    let star = UInt8(ascii: "*")
    let base = literal.hasSuffix("*") ? String(literal.dropLast(literal.hasSuffix(".*") ? 2 : 1)) : literal
    let hasStar = base.utf8.count < literal.utf8.count
    if literal == "*" || literal == "*.*" {
      guard !["!=", "<", ">"].contains(sign) else {
        throw ParseError(subject: "version spec", found: text, expected: "a version after '\(sign)', not '*'")
      }
      return .any
    }
    if base.utf8.contains(star) {
      guard ["", "=", "==", "!="].contains(sign) else {
        throw ParseError(
          subject: "version spec", found: text,
          expected: "no '*' inside a version that is compared by '\(sign)'")
      }
      return .text(try TextPattern(parsing: literal), isWanted: sign != "!=")
    }
    switch sign {
    case "=": return .begins(try VersionPrefix(parsing: base), isWanted: true)
    case "", "==":
      if hasStar { return .begins(try VersionPrefix(parsing: base), isWanted: true) }
      return .compare(.equal, try Version(parsing: base))
    case "!=" where hasStar: return .begins(try VersionPrefix(parsing: base), isWanted: false)
    case "~=":
      return .compatible(try Version(parsing: base), try VersionPrefix(parsing: base).withoutLastPart)
    default:
      guard let comparison = VersionSpec.Comparison(rawValue: sign) else {
        throw ParseError(subject: "version spec", found: text, expected: "an operator instead of '\(sign)'")
      }
      return .compare(comparison, try Version(parsing: base))
    }
  }

  private func error(_ expected: String) -> ParseError {
    ParseError(subject: "version spec", found: text, expected: expected)
  }
}
