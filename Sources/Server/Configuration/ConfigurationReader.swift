package import CondaTypes

/// Reads typed values out of the merged sections and collects every mistake on the way.
///
/// A section's `init(reading:)` asks for its keys once each, with their defaults; what it never asked for is
/// unknown, and is warned about with the nearest known name (old files must still start).
package struct ConfigurationReader {
  private let sections: [String: [String: JSONValue]]
  private var known: [String: Set<String>] = [:]
  package private(set) var problems: [ConfigurationProblem] = []

  package init(sections: [String: [String: JSONValue]]) { self.sections = sections }

  /// Whether the section has any key (upstream's meaning of "configured").
  package func isConfigured(_ section: String) -> Bool { !(sections[section] ?? [:]).isEmpty }

  /// Notes a mistake about `section.key`.
  package mutating func report(_ section: String, _ key: String, _ message: String) {
    problems.append(ConfigurationProblem(key: "\(section).\(key)", message: message))
  }

  /// Accepts every key of a section that is read elsewhere or not at all by this version.
  package mutating func ignoreSection(_ section: String) {
    known[section, default: []].formUnion((sections[section] ?? [:]).keys)
  }

  package mutating func string(_ section: String, _ key: String, default fallback: String) -> String {
    read(section, key, expected: "a string", default: fallback) { value in
      switch value {
      case .string(let text): text
      case .integer(let number): String(number)
      default: nil
      }
    }
  }

  /// A key without which nothing starts; upstream's words for its absence.
  package mutating func requiredString(_ section: String, _ key: String) -> String {
    let value = string(section, key, default: "")
    if value.isEmpty, sections[section]?[key] == nil {
      problems.append(
        ConfigurationProblem(
          key: "\(section).\(key)",
          message: "'\(key)' unset but no default specified for section '\(section)'"))
    }
    return value
  }

  package mutating func optionalString(_ section: String, _ key: String) -> String? {
    let value = string(section, key, default: "")
    return value.isEmpty ? nil : value
  }

  package mutating func bool(_ section: String, _ key: String, default fallback: Bool) -> Bool {
    read(section, key, expected: "true or false", default: fallback) { value in
      switch value {
      case .bool(let flag): flag
      case .string(let text): Self.parseBool(text)
      default: nil
      }
    }
  }

  package mutating func integer(
    _ section: String, _ key: String, default fallback: Int64, in range: ClosedRange<Int64>
  ) -> Int64 {
    let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    return read(section, key, expected: expected, default: fallback) { value in
      let number: Int64? =
        switch value {
        case .integer(let number): number
        case .string(let text): Int64(text)
        default: nil
        }
      return number.flatMap { range.contains($0) ? $0 : nil }
    }
  }

  package mutating func optionalByteSize(_ section: String, _ key: String) -> ByteSize? {
    read(section, key, expected: "a size such as 1000000 or \"20 GiB\"", default: nil) { value in
      switch value {
      case .integer(let number) where number >= 0: .some(ByteSize(bytes: number))
      case .string(let text): ByteSize(parsing: text).map(Optional.some)
      case .null: .some(nil)
      default: nil
      }
    }
  }

  package mutating func byteSize(
    _ section: String, _ key: String, default fallback: ByteSize, in range: ClosedRange<ByteSize>
  ) -> ByteSize {
    let expected = "a size from \(range.lowerBound) to \(range.upperBound)"
    return read(section, key, expected: expected, default: fallback) { value in
      let size: ByteSize? =
        switch value {
        case .integer(let number): ByteSize(bytes: number)
        case .string(let text): ByteSize(parsing: text)
        default: nil
        }
      return size.flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// A string whose value no message may repeat, however wrong it is.
  package mutating func secretString(_ section: String, _ key: String) -> String {
    known[section, default: []].insert(key)
    switch sections[section]?[key] {
    case nil: return ""
    case .string(let text): return text
    case .integer(let number): return String(number)
    default:
      report(section, key, "found something else than a string")
      return ""
    }
  }

  /// A list of strings; one string with commas (from the environment) is split.
  package mutating func strings(_ section: String, _ key: String) -> [String] {
    read(section, key, expected: "a list of strings", default: []) { value in
      switch value {
      case .array(let items):
        items.allSatisfy { $0.asString != nil } ? items.compactMap(\.asString) : nil
      case .string(let text):
        text.split(separator: ",").map { String($0.trimming(while: \.isWhitespace)) }
      default: nil
      }
    }
  }

  /// One of a closed set of words.
  package mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ section: String, _ key: String, default fallback: Choice
  ) -> Choice where Choice.RawValue == String {
    let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    return read(section, key, expected: "one of \(words)", default: fallback) { value in
      value.asString.flatMap { Choice(rawValue: $0.lowercased()) }
    }
  }

  private mutating func read<Value>(
    _ section: String, _ key: String, expected: String, default fallback: Value,
    _ convert: (JSONValue) -> Value?
  ) -> Value {
    known[section, default: []].insert(key)
    guard let value = sections[section]?[key] else { return fallback }
    if let converted = convert(value) { return converted }
    problems.append(
      ConfigurationProblem(
        key: "\(section).\(key)", message: "found \(value.canonicalText()), expected \(expected)"))
    return fallback
  }

  /// Keys and sections nobody asked for, each with the nearest name that exists.
  package func unknownKeyWarnings() -> [String] {
    var warnings: [String] = []
    for (section, keys) in sections.sorted(by: { $0.key < $1.key }) {
      guard let knownKeys = known[section] else {
        let nearest = Self.nearest(to: section, among: known.keys.sorted())
        warnings.append("unknown section [\(section)]\(nearest.map { "; did you mean [\($0)]?" } ?? "")")
        continue
      }
      for key in keys.keys.sorted() where !knownKeys.contains(key) {
        let nearest = Self.nearest(to: key, among: knownKeys.sorted())
        warnings.append("unknown key \(section).\(key)\(nearest.map { "; did you mean \($0)?" } ?? "")")
      }
    }
    return warnings
  }

  package static func parseBool(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "y", "yes", "t", "true", "on", "1": true
    case "n", "no", "f", "false", "off", "0": false
    default: nil
    }
  }

  private static func nearest(to word: String, among candidates: [String]) -> String? {
    let scored = candidates.map { (name: $0, distance: editDistance(word, $0)) }
    guard let best = scored.min(by: { $0.distance < $1.distance }), best.distance <= max(2, word.count / 3)
    else { return nil }
    return best.name
  }

  private static func editDistance(_ first: String, _ second: String) -> Int {
    let a = Array(first), b = Array(second)
    var row = Array(0...b.count)
    for i in a.indices {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let substitution = diagonal + (a[i] == b[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substitution, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[b.count]
  }
}

extension StringProtocol {
  /// The text without the characters at either end that satisfy `condition`.
  func trimming(while condition: (Character) -> Bool) -> SubSequence {
    let start = drop(while: condition)
    guard let last = start.lastIndex(where: { !condition($0) }) else { return self[endIndex..<endIndex] }
    return start[start.startIndex...last]
  }
}
