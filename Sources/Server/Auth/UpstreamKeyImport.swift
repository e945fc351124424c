package import Foundation
package import Metadata

/// Takes over API keys of an original server: its `api_keys` rows, whose keys are in clear.
///
/// Their owners go on using the same texts. Only the hash is stored, as of our own keys.
package struct UpstreamKeyImport: Sendable {
  let metadata: MetadataStore

  package init(metadata: MetadataStore) { self.metadata = metadata }

  /// Whether a text is such a key: 32 letters and digits; keys of early releases have `-` and `_` in them.
  package static func isKey(_ text: String) -> Bool {
    text.utf8.count >= 32 && text.utf8.count <= 64
      && text.unicodeScalars.allSatisfy { scalar in
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
          || scalar == "-" || scalar == "_"
      }
  }

  /// Stores one key.
  ///
  /// - Parameter roles: The memberships of its pseudo-user; empty for a key whose user is its owner.
  /// - Returns: `nil` if the text is no key of an original server.
  /// - Throws: `.conflict` if it is here already; `.notFound` if owner, channel or package are missing.
  package func run(
    key: String, description: String, createdOn: Date, expiresOn: Date?, owner: UUID, roles: [KeyRole]
  ) async throws -> APIKeyRow? {
    guard Self.isKey(key) else { return nil }
    let secret = APIKeySecret(text: key)
    return try await metadata.createAPIKey(
      hash: secret.hash(), prefix: String(key.prefix(4)), description: description, createdOn: createdOn,
      expiresOn: expiresOn, owner: owner, roles: roles)
  }
}
