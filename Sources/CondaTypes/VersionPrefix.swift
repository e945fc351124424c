/// The beginning that versions may share: what `1.2.*` and `=1.2` ask for.
///
/// All parts but the last must be equal; of the last part, what the prefix has must be equal, and the version
/// may go on: `1.2.*` matches `1.2`, `1.2.5` and `1.2rc1`, not `1.20`. Missing pieces are zeros, so `1.0.*`
/// matches `1`. With a local part (`1.2+ab.*`) the whole version before it must be equal.
struct VersionPrefix: Hashable, Sendable {
  private let version: [VersionParser.Part]
  private let local: [VersionParser.Part]

  /// Reads the version before the `.*`; errors as `Version.init(parsing:)`.
  init(parsing text: String) throws(ParseError) {
    var parser = VersionParser(text: text)
    (version, local) = try parser.parse()
  }

  private init(version: [VersionParser.Part], local: [VersionParser.Part]) {
    self.version = version
    self.local = local
  }

  /// The prefix without its last part, for `~=`: `1.2.*` of `1.2.3`, `1+ab.*` of `1+ab.2`; of `3` it is the epoch.
  var withoutLastPart: VersionPrefix {
    local.count > 1
      ? VersionPrefix(version: version, local: local.dropLast())
      : VersionPrefix(version: version.dropLast(), local: [])
  }

  /// Whether the version begins so.
  func matches(_ candidate: Version) -> Bool {
    var parser = VersionParser(text: candidate.text)
    guard let parsed = try? parser.parse() else { return false }
    guard local.isEmpty else {
      return Self.areEqual(parsed.version, version) && Self.parts(parsed.local, beginWith: local)
    }
    return Self.parts(parsed.version, beginWith: version)
  }

  private static func parts(_ parts: [VersionParser.Part], beginWith prefix: [VersionParser.Part]) -> Bool {
    guard let last = prefix.last else { return true }
    let count = prefix.count - 1
    guard areEqual(Array(parts.prefix(count)), Array(prefix.dropLast())) else { return false }
    let part = count < parts.count ? parts[count] : []
    return last.indices.allSatisfy { $0 < part.count ? part[$0] == last[$0] : last[$0] == .number([]) }
  }

  private static func areEqual(_ one: [VersionParser.Part], _ other: [VersionParser.Part]) -> Bool {
    (0..<max(one.count, other.count)).allSatisfy { index in
      let (a, b) = (index < one.count ? one[index] : [], index < other.count ? other[index] : [])
      return (0..<max(a.count, b.count)).allSatisfy {
        ($0 < a.count ? a[$0] : .number([])) == ($0 < b.count ? b[$0] : .number([]))
      }
    }
  }
}
