package import Foundation
package import Metadata

/// Who a request acts for. Anonymous is somebody, never `nil`.
package enum Principal: Sendable {
  case anonymous
  case signedIn(SignedInUser)

  /// The user behind the request, if there is one.
  package var user: SignedInUser? {
    if case .signedIn(let user) = self { user } else { nil }
  }

  /// How they proved it.
  package var credentialKind: CredentialKind { user?.credentialKind ?? .anonymous }

  /// - Throws: 401 `Not logged in` for the anonymous.
  package func requireSignedIn() throws -> SignedInUser {
    guard let user else { throw APIError.notLoggedIn }
    return user
  }
}

/// A user who proved who they are. Use cases that need one take this type, so none can be called without.
package struct SignedInUser: Sendable {
  /// How the user proved it.
  package enum Credential: Sendable, Hashable {
    case session(provider: String, id: UUID)
    case apiKey(UUID)
  }

  /// Whose rights apply: the user, or the pseudo-user that holds a scoped key's roles.
  package let user: UserRow
  /// To whom uploads are attributed: the user, or the key's creator.
  package let owner: UserRow
  package let credential: Credential
  /// The last day of the key, if it has one: keys it makes end no later.
  package var keyExpiresOn: Date?

  /// What the audit log names: the key's identifier.
  package var keyID: UUID? {
    if case .apiKey(let id) = credential { id } else { nil }
  }

  /// The credential as the permission table knows it. A scoped key acts for a pseudo-user of its own.
  package var credentialKind: CredentialKind {
    switch credential {
    case .session: .session
    case .apiKey: user.id == owner.id ? .fullKey : .scopedKey
    }
  }

  /// Server owners and maintainers pass every channel and package check.
  package var isElevated: Bool { user.role == .owner || user.role == .maintainer }
}
