import Foundation
package import HTTPTypes
import Metadata

/// Finds out who a request acts for.
///
/// A key takes precedence over a session: with a bad key and a good cookie the request is anonymous. A bad key is
/// no error by itself; public data is still answered.
package struct Authenticator: Sendable {
  let metadata: MetadataStore
  let sessions: SessionService
  let keyUsage: KeyUsage
  let now: @Sendable () -> Date

  /// What is to be remembered of a key that a request carries; to be taken before the key is looked up.
  package func presented(_ key: String) throws -> PresentedKey {
    PresentedKey(accessCount: metadata.accessCount, hash: try APIKeySecret(text: key).hash())
  }

  /// - Parameter key: What the request presents as an API key (`PresentedCredential`), if anything.
  package func principal(headers: HTTPFields, key: String?) async throws -> Principal {
    if let key { return try await principal(presenting: APIKeySecret(text: key)) }
    guard let session = try await sessions.session(headers: headers) else { return .anonymous }
    return .signedIn(
      SignedInUser(
        user: session.user, owner: session.user,
        credential: .session(provider: session.provider, id: session.id)))
  }

  private func principal(presenting secret: APIKeySecret) async throws -> Principal {
    guard let identity = try await metadata.apiKey(hash: secret.hash()) else { return .anonymous }
    let now = now()
    // Valid through its last day, in UTC.
    if let lastDay = identity.key.expiresOn, now >= lastDay.addingTimeInterval(86_400) { return .anonymous }
    keyUsage.note(identity.key.id, at: now)
    return .signedIn(
      SignedInUser(
        user: identity.user, owner: identity.owner, credential: .apiKey(identity.key.id),
        keyExpiresOn: identity.key.expiresOn))
  }
}

/// An API key as a request carried it: the hash of its secret, and when that was looked at.
package struct PresentedKey: Sendable {
  /// `MetadataStore.accessCount` at that time.
  package let accessCount: Int
  package let hash: [UInt8]
}
