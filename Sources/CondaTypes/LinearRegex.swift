/// A regular expression that is searched for in time proportional to text times expression, whatever it says.
///
/// Specs come from outside, and an engine that backtracks (Swift's, Foundation's, Python's) needs exponential
/// time for `^(a+)+$`. This one steps all states of the automaton at once (Thompson, 1968); what that cannot
/// do, look-around and back references, CEP 29 does not want either.
///
///     a . \d \w \s \D \W \S \. \n \t \r      one character; letters match both cases
///     [a-z_] [^0-9]                          one character of a set, or of none of it
///     x* x+ x? x{2} x{2,} x{2,5}             repeated; a following '?' (lazy) changes nothing here
///     x|y  (x)  (?:x)  ^  $                  alternatives, groups, start and end of the text
struct LinearRegex: Hashable, Sendable {
  /// A step of the automaton; numbers are indices into the program.
  enum Instruction: Hashable, Sendable {
    case scalar(ScalarSet)
    case either(Int, Int)
    case jump(Int)
    case start
    case end
    case found
  }

  /// So that a search in a field of a thousand characters stays far below a millisecond per hundred states.
  static let longestPattern = 256
  static let longestProgram = 1000

  private let program: [Instruction]

  /// Compiles an expression.
  ///
  /// - Throws: `ParseError` for what is not in the list above, more than 256 characters, or repetitions that
  ///   unfold to more than 1,000 steps.
  init(parsing pattern: String) throws(ParseError) {
    var parser = LinearRegexParser(pattern: pattern)
    var compiler = LinearRegexCompiler(pattern: pattern)
    program = try compiler.compile(try parser.parse())
  }

  /// Whether the expression is found anywhere in the text; ASCII letters match both cases.
  func isFound(in text: String) -> Bool {
    let scalars = text.unicodeScalars.map(ScalarSet.lowercased)
    var current = States(count: program.count)
    for position in 0...scalars.count {
      if follow(0, at: position, of: scalars.count, into: &current) { return true }
      guard position < scalars.count else { return false }
      var next = States(count: program.count)
      for state in current.members {
        guard case .scalar(let set) = program[state], set.contains(scalars[position]) else { continue }
        if follow(state + 1, at: position + 1, of: scalars.count, into: &next) { return true }
      }
      current = next
    }
    return false
  }

  /// Adds a state and all that it reaches without reading; true if the end of the expression is among them.
  private func follow(_ state: Int, at position: Int, of count: Int, into states: inout States) -> Bool {
    var waiting = [state]
    while let state = waiting.popLast() {
      guard states.insert(state) else { continue }
      switch program[state] {
      case .found: return true
      case .scalar: break
      case .jump(let target): waiting.append(target)
      case .either(let first, let second): waiting += [first, second]
      case .start: if position == 0 { waiting.append(state + 1) }
      case .end: if position == count { waiting.append(state + 1) }
      }
    }
    return false
  }

  /// A set of states that remembers the order of arrival.
  private struct States {
    private(set) var members: [Int] = []
    private var isThere: [Bool]

    init(count: Int) { isThere = Array(repeating: false, count: count) }

    mutating func insert(_ state: Int) -> Bool {
      if isThere[state] { return false }
      isThere[state] = true
      members.append(state)
      return true
    }
  }
}

/// The characters that one place of a regular expression accepts.
struct ScalarSet: Hashable, Sendable {
  /// Code points.
  var ranges: [ClosedRange<UInt32>]
  /// Whether it accepts everything but the ranges.
  var isNegated = false

  static let any = ScalarSet(ranges: [], isNegated: true)
  static let digit = ScalarSet(ranges: [0x30...0x39])
  static let word = ScalarSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
  static let space = ScalarSet(ranges: [0x09...0x0D, 0x20...0x20])

  /// The class behind a letter after `\`, e.g. `d`.
  init?(escape letter: Unicode.Scalar) {
    switch letter {
    case "d", "D": self = .digit
    case "w", "W": self = .word
    case "s", "S": self = .space
    default: return nil
    }
    isNegated = ScalarSet.lowercased(letter) != letter.value
  }

  init(ranges: [ClosedRange<UInt32>], isNegated: Bool = false) {
    self.ranges = ranges
    self.isNegated = isNegated
  }

  /// - Parameter scalar: Already lower case.
  func contains(_ scalar: UInt32) -> Bool {
    let isLower = (0x61...0x7A).contains(scalar)
    let isInside = ranges.contains { $0.contains(scalar) || (isLower && $0.contains(scalar - 0x20)) }
    return isInside != isNegated
  }

  static func lowercased(_ scalar: Unicode.Scalar) -> UInt32 {
    (0x41...0x5A).contains(scalar.value) ? scalar.value + 0x20 : scalar.value
  }
}
