import CondaTypes
import Metadata

/// Which packages a job is about (quetz-api.md §7.1): `*`, or `name`, `na*`, `name==1.0`, `name>=1.0,<2` and the like,
/// one after the other with commas.
///
/// A part that begins with a comparison belongs to the name before it. Versions compare in conda's order.
package struct ItemsSpec: Sendable {
  private struct Bound {
    let comparison: String
    let version: Version

    func isMet(by other: Version) -> Bool {
      switch comparison {
      case "==": other == version
      case ">=": other >= version
      case "<=": other <= version
      case ">": other > version
      default: other < version
      }
    }
  }

  private struct Item {
    var pattern: String
    var bounds: [Bound] = []
  }

  private var items: [Item] = []

  /// Takes any text; what cannot be read matches nothing.
  package init(parsing text: String) {
    for part in text.split(separator: ",") {
      let part = part.filter { !$0.isWhitespace }
      let name = part.prefix { !"=<>".contains($0) }
      let rest = part.dropFirst(name.count)
      if !name.isEmpty { items.append(Item(pattern: name.lowercased())) }
      guard !rest.isEmpty, !items.isEmpty else { continue }
      let comparison = ["==", ">=", "<=", ">", "<"].first { rest.hasPrefix($0) }
      let version = comparison.flatMap { try? Version(parsing: String(rest.dropFirst($0.count))) }
      guard let comparison, let version else {
        items.removeLast()
        continue
      }
      items[items.count - 1].bounds.append(Bound(comparison: comparison, version: version))
    }
  }

  /// Whether a package of that name has a version that is meant.
  package func matches(name: String, versions: () async throws -> [String]) async rethrows -> Bool {
    let candidates = items.filter { Self.matches(name.lowercased()[...], $0.pattern[...]) }
    if candidates.isEmpty { return false }
    let parsed = try await versions().compactMap { try? Version(parsing: $0) }
    return candidates.contains { item in
      parsed.contains { version in item.bounds.allSatisfy { $0.isMet(by: version) } }
    }
  }

  /// Whether a channel has a version that is meant.
  func matchesSomething(in channel: ChannelRow, _ metadata: MetadataStore) async throws -> Bool {
    for package in try await metadata.packagesForChannelData(channelID: channel.id) {
      let isMeant = try await matches(name: package.name) {
        try await metadata.artifacts(channelID: channel.id, packageName: package.name).map(\.version)
      }
      if isMeant { return true }
    }
    return false
  }

  /// `*` stands for any run of characters. Each piece between stars is taken where it is found first, so that a pattern of
  /// many stars costs no more than its length times the text's.
  private static func matches(_ text: Substring, _ pattern: Substring) -> Bool {
    let pieces = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else { return text == pattern }
    guard text.hasPrefix(first), text.hasSuffix(last), text.count >= first.count + last.count else {
      return false
    }
    var rest = text.dropFirst(first.count).dropLast(last.count)
    for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
      guard let found = rest.firstRange(of: piece) else { return false }
      rest = rest[found.upperBound...]
    }
    return true
  }
}
