package import Foundation
package import Metadata

/// `quetz create-user`: a user with a key, for a deployment without login providers.
package struct UserCreation: Sendable {
  let metadata: MetadataStore

  package init(metadata: MetadataStore) { self.metadata = metadata }

  /// Makes the user, or takes the one there is, and gives them a new full-power key.
  ///
  /// - Parameter role: The server role; `nil` leaves that of a user who exists.
  /// - Returns: The key's secret, which is shown once and cannot be had again.
  package func run(username: String, role: Role?, now: Date = Date()) async throws -> APIKeySecret {
    let user: UserRow
    if let existing = try await metadata.user(named: username) {
      user = existing
      if let role { try await metadata.setRole(of: existing.id, to: role) }
    } else {
      user = try await metadata.createUser(
        username: username, role: role, name: username, avatarURL: "",
        identity: (provider: "local", identityID: username, login: username), now: now)
    }
    let secret = try APIKeySecret.generate()
    _ = try await metadata.createAPIKey(
      hash: secret.hash(), prefix: secret.prefix, description: "made by quetz create-user", createdOn: now,
      expiresOn: nil, owner: user.id, roles: [])
    return secret
  }
}
