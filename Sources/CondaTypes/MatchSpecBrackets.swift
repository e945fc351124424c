/// The brackets at the end of a match spec: `[key=value, key='value', key=[a, b]]`.
///
/// A value in quotes may hold anything; `\'`, `\"` and `\\` stand for the character. One without quotes ends
/// at a comma, a space or `]`, unless it begins with `[`. Commas, and as history has it spaces, separate pairs.
struct MatchSpecBrackets {
  typealias Pairs = [(key: String, value: String)]

  let text: String

  /// What stands before the brackets, and the pairs in them.
  func split(_ spec: ArraySlice<UInt8>) throws(ParseError) -> (ArraySlice<UInt8>, Pairs) {
    let spec = MatchSpecText.trimmed(spec)
    guard spec.last == UInt8(ascii: "]") else { return (spec, []) }
    guard let open = openingBracket(of: spec) else { throw error("a '[' for the ']' at the end") }
    return (spec[..<open], try pairs(in: spec[(open + 1)..<(spec.endIndex - 1)]))
  }

  /// Where the bracket begins that the last byte closes; brackets inside quotes do not count.
  private func openingBracket(of spec: ArraySlice<UInt8>) -> Int? {
    var opens: [Int] = []
    var quote: UInt8?
    var isEscaped = false
    for (index, byte) in zip(spec.indices, spec) {
      if let open = quote {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == open {
          quote = nil
        }
      } else if byte == UInt8(ascii: "["), opens.count < 32 {
        opens.append(index)
      } else if byte == UInt8(ascii: "]") {
        let open = opens.popLast()
        if index == spec.endIndex - 1 { return opens.isEmpty ? open : nil }
      } else if !opens.isEmpty, byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        quote = byte
      }
    }
    return nil
  }

  private func pairs(in contents: ArraySlice<UInt8>) throws(ParseError) -> Pairs {
    var pairs: Pairs = []
    var rest = MatchSpecText.trimmed(contents)
    while !rest.isEmpty {
      let key = rest.prefix { ASCII.isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
      rest = MatchSpecText.trimmed(rest[key.endIndex...])
      guard !key.isEmpty, rest.first == UInt8(ascii: "=") else {
        throw error("'key=value' pairs in the brackets")
      }
      let name = ASCII.lowercased(MatchSpecText.string(key))
      guard !pairs.contains(where: { $0.key == name }) else { throw error("the key '\(name)' only once") }
      let value: String
      (value, rest) = try takeValue(MatchSpecText.trimmed(rest.dropFirst()), of: name)
      pairs.append((name, value))
      let isSeparated = rest.first.map { MatchSpecText.isSpace($0) || $0 == UInt8(ascii: ",") } ?? true
      guard isSeparated else { throw error("a comma after the value of '\(name)'") }
      rest = MatchSpecText.trimmed(rest)
      if rest.first == UInt8(ascii: ",") {
        rest = MatchSpecText.trimmed(rest.dropFirst())
        guard !rest.isEmpty else { throw error("'key=value' after each comma") }
      }
    }
    return pairs
  }

  private func takeValue(
    _ rest: ArraySlice<UInt8>, of key: String
  ) throws(ParseError) -> (String, ArraySlice<UInt8>) {
    guard let first = rest.first else { throw error("a value for '\(key)'") }
    if first == UInt8(ascii: "'") || first == UInt8(ascii: "\"") { return try takeQuoted(rest, by: first) }
    if first == UInt8(ascii: "[") {
      guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else {
        throw error("a ']' after the list of '\(key)'")
      }
      return (MatchSpecText.string(rest[(rest.startIndex + 1)..<end]), rest[(end + 1)...])
    }
    let value = rest.prefix { !MatchSpecText.isSpace($0) && !",]'\"".utf8.contains($0) }
    guard !value.isEmpty else { throw error("a value for '\(key)'") }
    return (MatchSpecText.string(value), rest[value.endIndex...])
  }

  private func takeQuoted(
    _ rest: ArraySlice<UInt8>, by quote: UInt8
  ) throws(ParseError) -> (String, ArraySlice<UInt8>) {
    var value: [UInt8] = []
    var isEscaped = false
    for (index, byte) in zip(rest.indices, rest).dropFirst() {
      if isEscaped {
        if !"'\"\\".utf8.contains(byte) { value.append(UInt8(ascii: "\\")) }
        value.append(byte)
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == quote {
        return (MatchSpecText.string(value), rest[(index + 1)...])
      } else {
        value.append(byte)
      }
    }
    throw error("a closing quote")
  }

  private func error(_ expected: String) -> ParseError {
    ParseError(subject: "match spec", found: text, expected: expected)
  }
}
