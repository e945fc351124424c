package import CondaTypes
package import Foundation

/// A file that may be sent: where its bytes lie and what the headers say about it.
package struct ServedFile: Hashable, Sendable {
  package enum Origin: Hashable, Sendable {
    case packages
    case documents
  }

  package let origin: Origin
  package let sha256: Digest
  package let size: Int64
  package let modifiedAt: Date
  package let contentType: String
  package let caching: Caching
  /// Set for artifacts: downloads of them are counted, under `ResolvedArtifact.key`.
  package let artifact: Int64?

  /// How long a client may use its copy without asking.
  package enum Caching: Hashable, Sendable {
    /// Never: everything that changes. An explicit `max-age=0`, since mamba reads a bare `no-cache` as an hour.
    case revalidate
    /// For ever: what lies under its own digest.
    case immutable
    /// For the channel's `ttl`: an artifact that was replaced once may be replaced again.
    case seconds(Int64)

    /// The `Cache-Control` value; nothing of a private channel may stay in a shared cache.
    package func header(isPrivate: Bool) -> String {
      let scope = isPrivate ? "private" : "public"
      return switch self {
      case .revalidate: "\(scope), max-age=0, must-revalidate"
      case .immutable: "\(scope), max-age=31536000, immutable"
      case .seconds(let seconds): "\(scope), max-age=\(seconds)"
      }
    }
  }

  /// The strong entity tag: the digest of the exact bytes, so that no two representations share one.
  package var etag: String { "\"\(sha256.hex)\"" }

  package static func contentType(ofPath path: String) -> String {
    if path.hasSuffix(".html") { return "text/html; charset=utf-8" }
    if path.hasSuffix(".json") { return "application/json" }
    if path.hasSuffix(".xml") { return "application/rss+xml" }
    if path.hasSuffix(".zst") { return "application/zstd" }
    if path.hasSuffix(".bz2") { return "application/x-bzip2" }
    return "application/octet-stream"
  }
}
