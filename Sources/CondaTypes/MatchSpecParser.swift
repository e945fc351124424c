/// Takes a match spec apart, from the outside in: comment, brackets, channel, name, version and build.
struct MatchSpecParser {
  let text: String
  private let bytes: [UInt8]

  init(text: String) {
    self.text = text
    bytes = Array(text.utf8)
  }

  func parse() throws(ParseError) -> MatchSpec {
    var spec = MatchSpec(text: text)
    let brackets = MatchSpecBrackets(text: text)
    let (positional, pairs) = try brackets.split(withoutComment)
    let trimmed = MatchSpecText.trimmed(positional)
    if isURL(trimmed) {
      try spec.setURL(MatchSpecText.string(trimmed))
    } else {
      try parsePositional(trimmed, into: &spec)
    }
    for (key, value) in pairs { try spec.set(key, to: value) }
    return spec
  }

  /// A URL of an artifact, not one of a channel before `::`.
  private func isURL(_ part: ArraySlice<UInt8>) -> Bool {
    let word = part.prefix { !MatchSpecText.isSpace($0) }
    return Self.lastIndex(of: "://", in: word) != nil && Self.lastIndex(of: "::", in: word) == nil
  }

  /// The text up to `#`, unless that is inside brackets, or part of a URL.
  private var withoutComment: ArraySlice<UInt8> {
    let hash = UInt8(ascii: "#")
    let isURL = isURL(MatchSpecText.trimmed(bytes[...]))
    var depth = 0
    var quote: UInt8?
    for (index, byte) in bytes.enumerated() {
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "[") {
        depth += 1
      } else if byte == UInt8(ascii: "]") {
        depth = max(0, depth - 1)
      } else if depth > 0, byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        quote = byte
      } else if byte == hash, depth == 0, !isURL || (index > 0 && MatchSpecText.isSpace(bytes[index - 1])) {
        return bytes[..<index]
      }
    }
    return bytes[...]
  }

  private func parsePositional(_ part: ArraySlice<UInt8>, into spec: inout MatchSpec) throws(ParseError) {
    let rest = try takeChannel(part, into: &spec)
    guard !rest.isEmpty else { throw error("a package name; '*' stands for any") }
    let (name, afterName) = try splitName(rest)
    spec.name = try MatchSpec.namePattern(name, in: text)
    guard !MatchSpecText.trimmed(afterName).isEmpty else { return }
    try parseVersionAndBuild(afterName, into: &spec)
  }

  /// Takes `channel/subdir::`, `channel:namespace:` or `namespace:` off and returns what follows.
  private func takeChannel(
    _ part: ArraySlice<UInt8>, into spec: inout MatchSpec
  ) throws(ParseError) -> ArraySlice<UInt8> {
    let colon = UInt8(ascii: ":")
    guard part.first != UInt8(ascii: "^") else { return part }
    let word = part.prefix { !MatchSpecText.isSpace($0) }
    if let double = Self.lastIndex(of: "::", in: word) {
      try spec.setChannel(MatchSpecText.string(part[..<double]))
      return MatchSpecText.trimmed(part[(double + 2)...])
    }
    let head = part.prefix { !MatchSpecText.endsName($0) }
    guard let last = head.lastIndex(of: colon) else { return part }
    let before = part[..<last]
    if let first = before.lastIndex(of: colon) {
      try spec.setChannel(MatchSpecText.string(before[..<first]))
      spec.namespace = MatchSpecText.string(before[(first + 1)...])
    } else {
      spec.namespace = MatchSpecText.string(before)
    }
    return MatchSpecText.trimmed(part[(last + 1)...])
  }

  /// The name, and what follows with its leading spaces. A regular expression ends at the first `$` that is
  /// followed by nothing, a space or an operator.
  private func splitName(_ part: ArraySlice<UInt8>) throws(ParseError) -> (
    ArraySlice<UInt8>, ArraySlice<UInt8>
  ) {
    if part.first == UInt8(ascii: "^") {
      let end = part.indices.first { index in
        part[index] == UInt8(ascii: "$")
          && (index + 1 == part.endIndex || MatchSpecText.endsName(part[index + 1]))
      }
      guard let end else { throw error("a '$' at the end of a regular expression") }
      return (part[...end], part[(end + 1)...])
    }
    let name = part.prefix { !MatchSpecText.endsName($0) }
    return (name, part[name.endIndex...])
  }

  private func parseVersionAndBuild(
    _ part: ArraySlice<UInt8>, into spec: inout MatchSpec
  ) throws(ParseError) {
    let isAttached = part.first.map(MatchSpecText.isSpace) == false
    let trimmed = MatchSpecText.trimmed(part)
    var versionParser = VersionSpecParser(text: MatchSpecText.string(trimmed))
    let length = try versionParser.parsePrefix().length
    var version = MatchSpecText.string(trimmed.prefix(length))
    let after = trimmed.dropFirst(length)
    guard !after.isEmpty else {
      spec.version = try VersionSpec(parsing: version)
      return
    }
    let isSpaced = MatchSpecText.isSpace(after[after.startIndex])
    var build = MatchSpecText.trimmed(after)
    guard isSpaced || build.first == UInt8(ascii: "=") else {
      throw error("a space or '=' between version and build")
    }
    if build.first == UInt8(ascii: "=") { build = MatchSpecText.trimmed(build.dropFirst()) }
    // name=1.8=b is exact, and 'name =1.8 b' is not (CEP 29, "Version expression parsing").
    let isOperator = !isAttached && isSpaced
    if !isOperator, version.hasPrefix("="), !version.hasPrefix("=="),
      !version.utf8.contains(where: ",|(".utf8.contains)
    {
      version.removeFirst()
    }
    spec.version = try VersionSpec(parsing: version)
    spec.build = try MatchSpec.buildPattern(build, in: text)
  }

  static func lastIndex(of text: String, in bytes: ArraySlice<UInt8>) -> Int? {
    let wanted = Array(text.utf8)
    guard bytes.count >= wanted.count else { return nil }
    return (bytes.startIndex...(bytes.endIndex - wanted.count)).last {
      bytes[$0..<($0 + wanted.count)].elementsEqual(wanted)
    }
  }

  private func error(_ expected: String) -> ParseError {
    ParseError(subject: "match spec", found: text, expected: expected)
  }
}
