/// Cuts a version into the parts that are compared, as conda's `VersionOrder` does.
///
///     [epoch!]version[+local]     2!1.0rc1_b+ab.3
///     version and local           parts separated by '.' or '_'
///     part                        runs of digits and of other characters, a number first:  "rc1" -> 0, rc, 1
///     trailing '_'                belongs to the last part: "1.0.1_" sorts before "1.0.1a" (OpenSSL's scheme)
struct VersionParser {
  /// One comparable piece of a part, smallest kind first.
  enum Piece: Hashable, Sendable {
    /// Letters, `_` or `*`; `dev` is held as `DEV`, which sorts before every other word.
    case word([UInt8])
    /// A number: its decimal digits without leading zeros, so zero is empty; any length.
    case number([UInt8])
    /// The word `post`, which sorts after every number.
    case post
  }

  typealias Part = [Piece]

  let text: String

  init(text: String) { self.text = text }

  mutating func parse() throws(ParseError) -> (version: [Part], local: [Part]) {
    let epochAndRest = try checkedBytes().split(
      separator: UInt8(ascii: "!"), omittingEmptySubsequences: false)
    guard epochAndRest.count <= 2 else { throw error("at most one '!'") }
    let epoch = epochAndRest.count == 2 ? epochAndRest[0] : [UInt8(ascii: "0")]
    guard !epoch.isEmpty, epoch.allSatisfy(ASCII.isDigit) else { throw error("a number before '!'") }

    let publicAndLocal = epochAndRest[epochAndRest.count - 1].split(
      separator: UInt8(ascii: "+"), omittingEmptySubsequences: false)
    guard publicAndLocal.count <= 2 else { throw error("at most one '+'") }
    guard let last = publicAndLocal[0].last else { throw error("a version before '+'") }

    var parts = splitParts(last == UInt8(ascii: "_") ? publicAndLocal[0].dropLast() : publicAndLocal[0])
    if last == UInt8(ascii: "_") { parts[parts.count - 1].append(UInt8(ascii: "_")) }
    let local = publicAndLocal.count == 2 ? splitParts(publicAndLocal[1]) : []
    return (try pieces(of: [Array(epoch)] + parts), try pieces(of: local))
  }

  /// The text trimmed, in lower case, `-` as `_`, all characters known to be allowed.
  private func checkedBytes() throws(ParseError) -> [UInt8] {
    guard text.utf8.count <= 1000 else { throw error("at most 1000 characters") }
    var bytes = text.utf8.map(ASCII.lowercased)
    let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
    bytes.removeFirst(bytes.prefix(while: isSpace).count)
    bytes.removeLast(bytes.reversed().prefix(while: isSpace).count)
    guard !bytes.isEmpty else { throw error("a version that is not empty") }
    if !bytes.contains(UInt8(ascii: "_")) {
      bytes = bytes.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
    }
    guard bytes.allSatisfy({ ASCII.isLowerOrDigit($0) || "._+!*".utf8.contains($0) }) else {
      throw error("only ASCII letters, digits, '.', '_', '+', '!' and '*'")
    }
    return bytes
  }

  private func splitParts(_ bytes: some Collection<UInt8>) -> [[UInt8]] {
    bytes.split(omittingEmptySubsequences: false) { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") }
      .map { Array($0) }
  }

  private func pieces(of parts: [[UInt8]]) throws(ParseError) -> [Part] {
    var result: [Part] = []
    for part in parts {
      guard let first = part.first else { throw error("no empty part between '.', '_', '+' and '!'") }
      var pieces: Part = ASCII.isDigit(first) ? [] : [.number([])]
      var rest = part[...]
      while let start = rest.first {
        let run = rest.prefix { Self.runKind(of: $0) == Self.runKind(of: start) }
        pieces.append(Self.piece(of: run))
        rest = rest.dropFirst(run.count)
      }
      result.append(pieces)
    }
    return result
  }

  private static func runKind(of byte: UInt8) -> Int {
    ASCII.isDigit(byte) ? 0 : byte == UInt8(ascii: "*") ? 1 : 2
  }

  private static func piece(of run: ArraySlice<UInt8>) -> Piece {
    if run.allSatisfy(ASCII.isDigit) { return .number(Array(run.drop { $0 == UInt8(ascii: "0") })) }
    if run.elementsEqual("post".utf8) { return .post }
    return .word(run.elementsEqual("dev".utf8) ? Array("DEV".utf8) : Array(run))
  }

  private func error(_ expected: String) -> ParseError {
    ParseError(subject: "version", found: text, expected: expected)
  }
}
