/// A regular expression as a tree; see `LinearRegex` for the language.
indirect enum LinearRegexNode {
  case scalar(ScalarSet)
  case start
  case end
  case sequence([LinearRegexNode])
  case alternatives([LinearRegexNode])
  /// `most` is `nil` for no upper limit.
  case repeated(LinearRegexNode, least: Int, most: Int?)
}

/// Reads a regular expression by recursive descent.
struct LinearRegexParser {
  private let pattern: String
  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var depth = 0

  init(pattern: String) {
    self.pattern = pattern
    scalars = Array(pattern.unicodeScalars.prefix(LinearRegex.longestPattern + 1))
  }

  mutating func parse() throws(ParseError) -> LinearRegexNode {
    guard scalars.count <= LinearRegex.longestPattern else {
      throw error("at most \(LinearRegex.longestPattern) characters")
    }
    let node = try alternatives()
    guard position == scalars.count else { throw error("no ')' without '('") }
    return node
  }

  private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    position += 1
    return true
  }

  private mutating func alternatives() throws(ParseError) -> LinearRegexNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 32 else { throw error("at most 32 groups within each other") }
    var choices = [try sequence()]
    while take("|") { choices.append(try sequence()) }
    return choices.count == 1 ? choices[0] : .alternatives(choices)
  }

  private mutating func sequence() throws(ParseError) -> LinearRegexNode {
    var nodes: [LinearRegexNode] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      let node = try atom()
      nodes.append(try repetition(of: node))
    }
    return .sequence(nodes)
  }

  private mutating func atom() throws(ParseError) -> LinearRegexNode {
    guard let scalar = next else { throw error("something to repeat") }
    position += 1
    switch scalar {
    case "^": return .start
    case "$": return .end
    case ".": return .scalar(.any)
    case "(": return try group()
    case "[": return .scalar(try set())
    case "\\": return .scalar(try escape())
    case "*", "+", "?": throw error("something before '\(scalar)'")
    default: return .scalar(ScalarSet(ranges: [scalar.value...scalar.value]))
    }
  }

  private mutating func group() throws(ParseError) -> LinearRegexNode {
    if take("?"), !take(":") { throw error("plain groups '(…)' or '(?:…)', no look-around, names or flags") }
    let node = try alternatives()
    guard take(")") else { throw error("a ')' for each '('") }
    return node
  }

  private mutating func escape() throws(ParseError) -> ScalarSet {
    guard let scalar = next else { throw error("a character after '\\'") }
    position += 1
    if let set = ScalarSet(escape: scalar) { return set }
    let value: UInt32
    switch scalar {
    case "n": value = 0x0A
    case "r": value = 0x0D
    case "t": value = 0x09
    default:
      guard !ScalarSet.word.contains(ScalarSet.lowercased(scalar)) || scalar == "_" else {
        throw error("none of the escapes '\\\(scalar)' (back references, boundaries, …)")
      }
      value = scalar.value
    }
    return ScalarSet(ranges: [value...value])
  }

  private mutating func set() throws(ParseError) -> ScalarSet {
    var set = ScalarSet(ranges: [], isNegated: take("^"))
    var isFirst = true
    while let scalar = next, isFirst || scalar != "]" {
      isFirst = false
      let low = try member()
      guard low.ranges.count == 1, let first = low.ranges.first, first.count == 1, !low.isNegated,
        next == "-",
        position + 1 < scalars.count, scalars[position + 1] != "]"
      else {
        guard !low.isNegated else { throw error("no '\\D', '\\W' and '\\S' inside '[…]'") }
        set.ranges += low.ranges
        continue
      }
      position += 1
      guard let last = try member().ranges.first, first.lowerBound <= last.lowerBound else {
        throw error("ranges in rising order")
      }
      set.ranges.append(first.lowerBound...last.lowerBound)
    }
    guard take("]") else { throw error("a ']' for each '['") }
    return set
  }

  private mutating func member() throws(ParseError) -> ScalarSet {
    guard let scalar = next else { throw error("a ']' for each '['") }
    position += 1
    return scalar == "\\" ? try escape() : ScalarSet(ranges: [scalar.value...scalar.value])
  }

  private mutating func repetition(of node: LinearRegexNode) throws(ParseError) -> LinearRegexNode {
    let node: LinearRegexNode =
      if take("*") {
        .repeated(node, least: 0, most: nil)
      } else if take("+") {
        .repeated(node, least: 1, most: nil)
      } else if take("?") {
        .repeated(node, least: 0, most: 1)
      } else if next == "{" {
        try counted(node)
      } else {
        node
      }
    if case .repeated = node {
      _ = take("?")
      if let next, "*+?{".unicodeScalars.contains(next) {
        throw error("one repetition after another in '( )'")
      }
    }
    return node
  }

  private mutating func counted(_ node: LinearRegexNode) throws(ParseError) -> LinearRegexNode {
    position += 1
    let least = number()
    let most = take(",") ? number() : least
    let isOpen = position > 0 && scalars[position - 1] == ","
    guard let least, take("}"), isOpen || (most ?? 0) >= least, most ?? 0 <= LinearRegex.longestProgram else {
      throw error("a repetition such as '{2}', '{2,}' or '{2,5}'")
    }
    return .repeated(node, least: least, most: most)
  }

  /// Decimal digits; `nil` if there are none or too many.
  private mutating func number() -> Int? {
    var digits = ""
    while let scalar = next, ScalarSet.digit.contains(scalar.value) {
      digits.unicodeScalars.append(scalar)
      position += 1
    }
    return Int(digits)
  }

  private func error(_ expected: String) -> ParseError {
    ParseError(subject: "regular expression", found: pattern, expected: expected)
  }
}

/// Turns the tree into the automaton's program, within `LinearRegex.longestProgram` steps.
struct LinearRegexCompiler {
  let pattern: String
  private var program: [LinearRegex.Instruction] = []

  init(pattern: String) { self.pattern = pattern }

  mutating func compile(_ node: LinearRegexNode) throws(ParseError) -> [LinearRegex.Instruction] {
    try append(node)
    program.append(.found)
    return program
  }

  private mutating func append(_ node: LinearRegexNode) throws(ParseError) {
    guard program.count < LinearRegex.longestProgram else {
      throw ParseError(
        subject: "regular expression", found: pattern,
        expected: "repetitions that unfold to at most \(LinearRegex.longestProgram) steps")
    }
    switch node {
    case .scalar(let set): program.append(.scalar(set))
    case .start: program.append(.start)
    case .end: program.append(.end)
    case .sequence(let nodes): for node in nodes { try append(node) }
    case .alternatives(let nodes): try append(alternatives: nodes[...])
    case .repeated(let node, let least, let most):
      for _ in 0..<least { try append(optional: node, .never) }
      guard let most else { return try append(optional: node, .always) }
      for _ in least..<most { try append(optional: node, .once) }
    }
  }

  private enum Repeating { case never, once, always }

  private mutating func append(optional node: LinearRegexNode, _ repeating: Repeating) throws(ParseError) {
    guard repeating != .never else { return try append(node) }
    let fork = program.count
    program.append(.either(fork + 1, fork + 1))
    try append(node)
    if repeating == .always { program.append(.jump(fork)) }
    program[fork] = .either(fork + 1, program.count)
  }

  private mutating func append(alternatives nodes: ArraySlice<LinearRegexNode>) throws(ParseError) {
    guard let first = nodes.first else { return }
    guard nodes.count > 1 else { return try append(first) }
    let fork = program.count
    program.append(.either(fork + 1, fork + 1))
    try append(first)
    let exit = program.count
    program.append(.jump(exit))
    program[fork] = .either(fork + 1, program.count)
    try append(alternatives: nodes.dropFirst())
    program[exit] = .jump(program.count)
  }
}
