import Foundation

/// A path of the API below the server's base, percent-encoded as it goes out.
package struct APIPath: Hashable, Sendable {
  /// The path with its query, as it goes onto the wire.
  package private(set) var text: String

  /// RFC 3986 §2.3: what never needs encoding.
  private static let unreserved = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

  private init(_ segments: String...) {
    text = "/api/" + segments.map(Self.encode).joined(separator: "/")
  }

  private static func encode(_ text: String) -> String {
    // Only a string that is not Unicode could fail here, and Swift has none.
    text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
  }

  /// The path with query parameters.
  package func query(_ parameters: [(name: String, value: String)]) -> APIPath {
    var path = self
    path.text +=
      "?" + parameters.map { "\(Self.encode($0.name))=\(Self.encode($0.value))" }.joined(separator: "&")
    return path
  }

  package static let channels = APIPath("channels")
  package static let channelPages = APIPath("paginated", "channels")
  package static let apiKeys = APIPath("api-keys")

  package static func channel(_ name: String) -> APIPath { APIPath("channels", name) }
  package static func packagePages(_ channel: String) -> APIPath {
    APIPath("paginated", "channels", channel, "packages")
  }
  package static func apiKey(_ key: String) -> APIPath { APIPath("api-keys", key) }
  package static func upload(_ fileName: String, to channel: String, sha256: String, force: Bool) -> APIPath {
    APIPath("channels", channel, "upload", fileName)
      .query([("sha256", sha256), ("force", force ? "true" : "false")])
  }
}
