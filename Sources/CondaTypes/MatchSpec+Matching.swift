/// A package record that a match spec is asked about, with what its channel knows and the record does not say.
public struct MatchCandidate: Sendable {
  /// The record's members, as repodata has them.
  public var members: [String: JSONValue]
  /// The file's name; `nil` if it is not known, then specs do not ask for it.
  public var fileName: String?
  /// The URL of the artifact; `nil` as above.
  public var url: String?
  /// The URL of the channel, without subdir; `nil` as above.
  public var channelURL: String?
  /// What a bare channel name in a spec is put behind to become a URL.
  public var channelAlias: String

  /// All fields, in order.
  public init(
    members: [String: JSONValue], fileName: String? = nil, url: String? = nil, channelURL: String? = nil,
    channelAlias: String = "https://conda.anaconda.org"
  ) {
    self.members = members
    self.fileName = fileName
    self.url = url
    self.channelURL = channelURL
    self.channelAlias = channelAlias
  }

  /// The member as a spec sees it: texts, and whole numbers as their digits; `nil` for any other kind.
  func text(of key: String) -> String? {
    switch members[key] {
    case .string(let text): text
    case .integer(let number): String(number)
    default: nil
    }
  }
}

extension MatchSpec {
  /// Whether the record is wanted, whatever its file and channel.
  public func matches(_ record: PackageRecord) -> Bool { matches(MatchCandidate(members: record.members)) }

  /// Whether the record is wanted.
  ///
  /// A member that the spec asks for and the record lacks is no match. File name, URL and channel are only
  /// compared where the candidate knows them.
  public func matches(_ candidate: MatchCandidate) -> Bool {
    Self.isFound(name, in: candidate.text(of: "name"))
      && version.map { $0.matches(candidate.text(of: "version") ?? "") } ?? true
      && build.map { Self.isFound($0, in: candidate.text(of: "build")) } ?? true
      && buildNumber.map { $0.matches(candidate.members["build_number"]?.asInteger ?? 0) } ?? true
      && subdir.map { Self.isFound($0, in: candidate.text(of: "subdir")) } ?? true
      && matchesFields(of: candidate) && matchesLists(of: candidate) && matchesChannel(of: candidate)
  }

  private func matchesFields(of candidate: MatchCandidate) -> Bool {
    fields.allSatisfy { key, pattern in
      switch key {
      case "fn":
        guard let name = candidate.fileName ?? candidate.text(of: "fn") else { return true }
        return pattern.matches(name)
      case "url":
        guard let url = candidate.url ?? candidate.text(of: "url") else { return true }
        return pattern.matches(url)
      default: return Self.isFound(pattern, in: candidate.text(of: key))
      }
    }
  }

  private func matchesLists(of candidate: MatchCandidate) -> Bool {
    let tracked = Self.items(candidate.members["track_features"])
    let featured = Self.items(candidate.members["features"])
    let flagged = Self.items(candidate.members["flags"])
    return trackFeatures.allSatisfy(tracked.contains) && features.allSatisfy(featured.contains)
      && flags.allSatisfy { flagged.contains(where: $0.matches) }
  }

  /// Names become URLs before they are compared (CEP 29, "Channel matching"); `*` alone is any channel.
  private func matchesChannel(of candidate: MatchCandidate) -> Bool {
    guard let channel, let url = candidate.channelURL else { return true }
    let known = url.hasSuffix("/") ? String(url.dropLast()) : url
    switch channel {
    case .regex: return channel.matches(known)
    case .glob("*"): return true
    case .exact(let text), .glob(let text):
      let full = text.contains("://") ? text : "\(candidate.channelAlias)/\(text)"
      return (try? TextPattern(parsing: full))?.matches(known) ?? false
    }
  }

  private static func isFound(_ pattern: TextPattern, in text: String?) -> Bool {
    text.map(pattern.matches) ?? false
  }

  /// Features are a text with spaces or commas, or an array.
  private static func items(_ value: JSONValue?) -> [String] {
    value?.asArray?.compactMap(\.asString)
      ?? value?.asString?.split { ", ".contains($0) }.map(String.init) ?? []
  }
}
