/// One thing that is wrong with a metadata file inside an artifact.
public struct MetadataProblem: Hashable, Sendable, CustomStringConvertible {
  /// The file, e.g. `info/index.json`.
  public let file: String
  /// The key in that file, e.g. `build_number` or `depends[3]`; `nil` if the whole file is bad.
  public let key: String?
  /// What was there, safe to show: escaped and shortened.
  public let found: String
  /// What the rule asks for, as the end of the sentence "expected …".
  public let expected: String

  /// Makes a problem; `found` is escaped and shortened here, callers pass the raw text.
  public init(file: String, key: String?, found: String, expected: String) {
    self.file = file
    self.key = key
    self.found = ParseError.excerpt(found)
    self.expected = expected
  }

  /// One line, e.g. `info/index.json: build_number: found a string, expected a whole number of 0 or more`.
  public var description: String {
    "\(file): \(key.map { "\(ParseError.excerpt($0)): " } ?? "")found \(found), expected \(expected)"
  }
}

/// Everything that is wrong with an artifact's metadata, found in one go; never empty.
public struct MetadataProblems: Error, Hashable, Sendable, CustomStringConvertible {
  /// The problems in the order in which they were met.
  public let problems: [MetadataProblem]

  /// Bundles problems.
  public init(problems: [MetadataProblem]) { self.problems = problems }

  /// One problem per line.
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}
