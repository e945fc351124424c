/// Which other channels a channel builds upon or stands in front of (CEP 42): `info.channel_relations` of repodata and of
/// the shard index.
///
/// A reference is a path relative to the channel's base URL, which begins with `../`. Clients load `base` with a higher
/// priority than the channel, and `overrides` with a lower one.
public struct ChannelRelations: Hashable, Sendable {
  /// The most bytes of a reference; a channel's URL has 256.
  public static let longestReference = 256

  /// The channel that this one builds upon.
  public let base: String?
  /// The channel that this one stands in front of.
  public let overrides: String?

  /// Checks references.
  ///
  /// - Parameter channel: The declaring channel's name, which they must not come back to.
  /// - Throws: `ParseError` for a reference that is no relative path, leads to the channel itself, or is both `base` and
  ///   `overrides`, which clients take for an error.
  public init(base: String?, overrides: String?, of channel: String) throws(ParseError) {
    for reference in [base, overrides].compactMap({ $0 }) {
      let parts = try Self.parts(of: reference)
      if parts.map({ $0.lowercased() }) == ["..", channel.lowercased()] {
        throw ParseError(
          subject: "channel reference", found: reference, expected: "another channel than this one")
      }
    }
    if let base, let overrides, try Self.parts(of: base) == Self.parts(of: overrides) {
      throw ParseError(
        subject: "channel reference", found: overrides, expected: "another channel than the base channel")
    }
    self.base = base
    self.overrides = overrides
  }

  /// Relations that were checked before they were stored.
  public init(storedBase base: String?, overrides: String?) {
    self.base = base
    self.overrides = overrides
  }

  /// What `info` says; `nil` without relations.
  public var json: JSONValue? {
    let members = ["base": base, "overrides": overrides].compactMapValues { $0.map(JSONValue.string) }
    return members.isEmpty ? nil : .object(members)
  }

  /// The segments of a reference, without what changes nothing.
  private static func parts(of reference: String) throws(ParseError) -> [String] {
    let parts = reference.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let named = parts.drop { $0 == ".." }
    let isPlain = named.allSatisfy { part in
      !part.isEmpty && part != "." && part != ".."
        && part.utf8.allSatisfy { ASCII.isAlphanumeric($0) || "_.-".utf8.contains($0) }
    }
    guard reference.hasPrefix("../"), reference.utf8.count <= longestReference, isPlain, parts.count > 1
    else {
      throw ParseError(
        subject: "channel reference", found: reference,
        expected: "a relative path that begins with '../', e.g. '../conda-forge'")
    }
    return parts
  }
}
