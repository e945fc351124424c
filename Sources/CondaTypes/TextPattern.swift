/// How CEP 29 compares a text field: `^…$` is a regular expression, a text with `*` a glob, any other text is
/// meant as it stands. ASCII letters match both cases.
public enum TextPattern: Hashable, Sendable, CustomStringConvertible {
  /// The text itself, in lower case.
  case exact(String)
  /// A text in lower case in which `*` stands for any run of characters, also none; nothing else is special.
  case glob(String)
  /// A regular expression, searched for as written.
  case regex(Regex)

  /// A regular expression that takes linear time; made by `TextPattern.init(parsing:)` alone.
  public struct Regex: Hashable, Sendable {
    /// As written, with `^` and `$`.
    public let pattern: String
    let compiled: LinearRegex
  }

  /// Reads an expression.
  ///
  /// - Throws: `ParseError` for a regular expression that cannot be run in linear time (look-around, back
  ///   references) or is not one, and for an empty text.
  public init(parsing text: String) throws(ParseError) {
    guard !text.isEmpty else {
      throw ParseError(subject: "match expression", found: text, expected: "a text that is not empty")
    }
    if text.utf8.first == UInt8(ascii: "^"), text.utf8.last == UInt8(ascii: "$"), text.utf8.count > 1 {
      self = .regex(Regex(pattern: text, compiled: try LinearRegex(parsing: text)))
    } else if text.utf8.contains(UInt8(ascii: "*")) {
      self = .glob(ASCII.lowercased(text))
    } else {
      self = .exact(ASCII.lowercased(text))
    }
  }

  /// The expression; texts and globs in lower case.
  public var description: String {
    switch self {
    case .exact(let text), .glob(let text): text
    case .regex(let regex): regex.pattern
    }
  }

  /// The text, if it is one without special characters.
  public var exactText: String? { if case .exact(let text) = self { text } else { nil } }

  /// Whether a field has a value that the expression accepts.
  public func matches(_ text: String) -> Bool {
    switch self {
    case .exact(let exact):
      exact.utf8.elementsEqual(text.utf8.lazy.map(ASCII.lowercased))
    case .glob(let glob):
      Self.glob(Array(glob.utf8), matches: text.utf8.map(ASCII.lowercased))
    case .regex(let regex):
      regex.compiled.isFound(in: text)
    }
  }

  /// Tries each run between stars at its first place, which is enough: a later place never helps. Takes at
  /// most glob times text steps.
  private static func glob(_ glob: [UInt8], matches text: [UInt8]) -> Bool {
    let star = UInt8(ascii: "*")
    var (position, place) = (0, 0)
    var lastStar: (position: Int, place: Int)?
    while place < text.count {
      if position < glob.count, glob[position] == star {
        lastStar = (position, place)
        position += 1
      } else if position < glob.count, glob[position] == text[place] {
        position += 1
        place += 1
      } else if let star = lastStar {
        lastStar = (star.position, star.place + 1)
        (position, place) = (star.position + 1, star.place + 1)
      } else {
        return false
      }
    }
    return glob[position...].allSatisfy { $0 == star }
  }
}
