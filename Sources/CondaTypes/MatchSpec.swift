/// Which package records are wanted, in the language of CEP 29.
///
///     numpy                            by name; names may be globs (py*) and regular expressions (^py.$)
///     numpy 1.8   numpy==1.8           that version
///     numpy=1.8   numpy 1.8.*          versions that begin so
///     numpy >=1.8,<2  numpy 1.8 py27_0   version specs (see `VersionSpec`); then the build
///     numpy=1.8=py27_0                 version and build, both exact
///     channel/subdir:namespace:numpy   the channel by name or URL; the namespace is ignored
///     numpy[version='>=1.8',build=py*,build_number=">=2",subdir=linux-64,license=MIT,md5=…]
///     https://host/channel/linux-64/numpy-1.8-py27_0.conda#…   an artifact's URL, with its MD5 or sha256:…
///     … # comment
///
/// What is in brackets counts more than what stands before it. It is read once and matches any number of
/// records; decision 0016 says where rattler and conda read it otherwise.
public struct MatchSpec: Hashable, Sendable, CustomStringConvertible {
  /// The most UTF-8 bytes that are read.
  public static let longestText = 8192

  /// As written.
  public let description: String
  /// The name; `*` is any.
  public internal(set) var name = TextPattern.glob("*")
  /// The version; `nil` is any.
  public internal(set) var version: VersionSpec?
  /// The build string; `nil` is any.
  public internal(set) var build: TextPattern?
  /// The build number; `nil` is any.
  public internal(set) var buildNumber: BuildNumberSpec?
  /// The channel's name or URL as written, without subdir.
  public internal(set) var channel: TextPattern?
  /// The subdir; `nil` is any.
  public internal(set) var subdir: TextPattern?
  /// What stood between channel and name; conda has no use for it and neither have we.
  public internal(set) var namespace: String?
  /// Features that must all be among the record's `track_features`.
  public internal(set) var trackFeatures: [String] = []
  /// Features that must all be among the record's `features`.
  public internal(set) var features: [String] = []
  /// Flags (CEP 45) each of which one of the record's flags must match.
  public internal(set) var flags: [TextPattern] = []
  /// Optional groups (CEP 44); they say what else to install, and do not choose among records.
  public internal(set) var extras: [String] = []
  /// The condition (CEP 43) as written; whether it holds is the solver's to say.
  public internal(set) var condition: String?
  /// Any other text or whole number of a record, by its key in repodata, e.g. `license`.
  public internal(set) var fields: [String: TextPattern] = [:]

  /// Reads a match spec.
  ///
  /// - Throws: `ParseError` that says which part is wrong; never for a record that could exist but does not.
  public init(parsing text: String) throws(ParseError) {
    guard text.utf8.count <= Self.longestText else {
      throw ParseError(subject: "match spec", found: text, expected: "at most \(Self.longestText) bytes")
    }
    self = try MatchSpecParser(text: text).parse()
  }

  init(text: String) { description = text }
}
