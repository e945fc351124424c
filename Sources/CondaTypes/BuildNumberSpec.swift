/// Which build numbers are wanted: `3`, `>=3`, `<3`, `!=3`, or, as CEP 29 has it for whole numbers, a glob or a
/// regular expression on the digits.
public struct BuildNumberSpec: Hashable, Sendable {
  private enum Rule: Hashable, Sendable {
    case compare(VersionSpec.Comparison, Int64)
    case digits(TextPattern)
  }

  private let rule: Rule

  /// Reads a build number spec.
  ///
  /// - Throws: `ParseError` if it is neither a number within 63 bits, with or without an operator, nor an
  ///   expression.
  public init(parsing text: String) throws(ParseError) {
    let isExpression = text.utf8.contains(UInt8(ascii: "*")) || text.utf8.first == UInt8(ascii: "^")
    if isExpression {
      rule = .digits(try TextPattern(parsing: text))
      return
    }
    let sign = text.prefix { "=!<>".contains($0) }
    let comparison: VersionSpec.Comparison? =
      sign.isEmpty || sign == "=" ? .equal : VersionSpec.Comparison(rawValue: String(sign))
    let digits = text.dropFirst(sign.count).drop { $0 == " " }
    guard let comparison, digits.utf8.allSatisfy(ASCII.isDigit), let number = Int64(digits) else {
      throw ParseError(
        subject: "build number", found: text, expected: "a number such as '3' or '>=3', or a glob")
    }
    rule = .compare(comparison, number)
  }

  /// Whether the build number is wanted.
  public func matches(_ number: Int64) -> Bool {
    switch rule {
    case .compare(let comparison, let limit): comparison.holds(number, limit)
    case .digits(let pattern): pattern.matches(String(number))
    }
  }
}
