/// What `channeldata.json` says about one package (CEP 38): a summary of all its artifacts.
///
/// Entries merge: `merge` of any two entries is the summary of both sets of artifacts. Merging is commutative
/// and associative, so a rebuild from all artifacts equals the incremental merges in any order, but for
/// `keywords`, `identifiers` and `tags`: an old version's stand when newer ones have none, and with three
/// versions "newer" depends on what was merged first. Merge in order of versions where that matters.
public struct ChannelDataEntry: Hashable, Sendable {
  /// Texts taken from the newest version.
  static let textKeys = [
    "description", "dev_url", "doc_source_url", "doc_url", "home", "icon_hash", "icon_url", "license",
    "source_git_url", "source_url", "summary",
  ]
  /// Collections taken from the newest version that has them.
  static let labelKeys = ["identifiers", "keywords", "tags"]
  /// Facts that hold for the package if they hold for one artifact.
  static let flagKeys = [
    "activate.d", "binary_prefix", "deactivate.d", "post_link", "pre_link", "pre_unlink", "text_prefix",
  ]

  /// The newest version, as spelled.
  public private(set) var version: Version
  /// The newest `timestamp` of all artifacts, in seconds of Unix time; 0 if none has one.
  public private(set) var timestamp: Int64
  /// The subdirs it has artifacts in.
  public private(set) var subdirs: Set<String>

  /// The newest version's texts by key, those it has.
  private var texts: [String: JSONValue]
  private var labels: [String: JSONValue]
  private var flags: Set<String>
  private var runExports: [String: JSONValue]

  /// The entry of a package with this one artifact.
  ///
  /// - Parameters:
  ///   - index: The artifact's `info/index.json`; its licence counts if `about` has none.
  ///   - about: Its `info/about.json`, if it has one.
  ///   - runExports: Its run exports; kept under the version if there are any.
  ///   - paths: What its list of files says.
  public init(index: IndexJSON, about: AboutJSON?, runExports: RunExports?, paths: PathsSummary) {
    version = index.parsedVersion
    timestamp = (index.timestamp ?? 0) / 1000
    subdirs = [index.subdir.value]
    texts = Self.texts(of: about, license: index.fields["license"]?.asString)
    labels = about?.labels ?? [:]
    let flags = [
      "activate.d": paths.activateD, "binary_prefix": paths.binaryPrefix, "deactivate.d": paths.deactivateD,
      "post_link": paths.postLink, "pre_link": paths.preLink, "pre_unlink": paths.preUnlink,
      "text_prefix": paths.textPrefix,
    ]
    self.flags = Set(flags.filter(\.value).keys)
    self.runExports = [:]
    if let runExports, !runExports.isEmpty { self.runExports[index.version] = runExports.json }
  }

  /// Reads an entry back, also one that upstream's server or conda-index wrote.
  ///
  /// - Throws: `ParseError` if it has no version (a package that never had an artifact is `{}`) or one that
  ///   cannot be ordered. Other members are taken as they are if they fit and left out if not.
  public init(json: JSONValue) throws(ParseError) {
    guard let members = json.asObject, let text = members["version"]?.asString else {
      throw ParseError(
        subject: "channel data", found: json["version"]?.kind ?? "no version", expected: "a version")
    }
    version = try Version(parsing: text)
    timestamp = json["timestamp"]?.asInteger ?? 0
    subdirs = Set((json["subdirs"]?.asArray ?? []).compactMap(\.asString))
    texts = members.filter { Self.textKeys.contains($0.key) && $0.value != .null }
    labels = members.filter { Self.labelKeys.contains($0.key) && !Self.isEmpty($0.value) }
    flags = Set(Self.flagKeys.filter { members[$0] == .bool(true) })
    runExports = (members["run_exports"]?.asObject ?? [:]).filter { !Self.isEmpty($0.value) }
  }

  /// Takes in what another entry of the same package says.
  ///
  /// Facts add up, subdirs and run exports unite, the newest timestamp stays; texts and the version's
  /// spelling are the newer version's. Where both have the same version (two builds), a text stands against
  /// none, and of two the one that sorts last, so that the result does not depend on the order of uploads.
  public mutating func merge(_ other: ChannelDataEntry) {
    if version < other.version {
      texts = other.texts
      labels.merge(other.labels) { _, newer in newer }
    } else if version == other.version {
      texts.merge(other.texts, uniquingKeysWith: Self.later)
      labels.merge(other.labels, uniquingKeysWith: Self.later)
    } else {
      labels.merge(other.labels) { newer, _ in newer }
    }
    let isLater = (version, version.text) < (other.version, other.version.text)
    if isLater { version = other.version }
    timestamp = max(timestamp, other.timestamp)
    subdirs.formUnion(other.subdirs)
    flags.formUnion(other.flags)
    runExports.merge(other.runExports, uniquingKeysWith: Self.later)
  }

  /// The entry as `channeldata.json` has it: every key of upstream's, absent texts as `null`.
  public var json: JSONValue {
    var members: [String: JSONValue] = [
      "run_exports": .object(runExports), "subdirs": .array(subdirs.sorted().map(JSONValue.string)),
      "timestamp": .integer(timestamp), "version": .string(version.text),
    ]
    for key in Self.textKeys { members[key] = texts[key] ?? .null }
    for key in Self.labelKeys { members[key] = labels[key] ?? .object([:]) }
    for key in Self.flagKeys { members[key] = .bool(flags.contains(key)) }
    return .object(members)
  }

  private static func texts(of about: AboutJSON?, license: String?) -> [String: JSONValue] {
    let texts = [
      "description": about?.description, "dev_url": about?.devURL, "doc_source_url": about?.docSourceURL,
      "doc_url": about?.docURL, "home": about?.home, "icon_hash": about?.iconHash, "icon_url": about?.iconURL,
      "license": about?.license ?? license.flatMap { $0.isEmpty ? nil : $0 },
      "source_git_url": about?.sourceGitURL,
      "source_url": about?.sourceURL, "summary": about?.summary,
    ]
    return texts.compactMapValues { $0.map(JSONValue.string) }
  }

  private static func later(_ one: JSONValue, _ other: JSONValue) -> JSONValue {
    other.canonicalText().utf8.lexicographicallyPrecedes(one.canonicalText().utf8) ? one : other
  }

  private static func isEmpty(_ value: JSONValue) -> Bool {
    switch value {
    case .null, .array([]), .object([:]), .string(""): true
    default: false
    }
  }
}
