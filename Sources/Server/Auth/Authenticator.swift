import Foundation
package import HTTPTypes
import Locks
import Metadata

/// Finds out who a request acts for.
///
/// A key takes precedence over a session: with a bad key and a good cookie the request is anonymous. A bad key is
/// no error by itself; public data is still answered.
package struct Authenticator: Sendable {
  let metadata: MetadataStore
  let sessions: SessionService
  let keyUsage: KeyUsage
  let known = KnownIdentities()
  let now: @Sendable () -> Date

  /// What is to be remembered of a key that a request carries; to be taken before the key is looked up.
  package func presented(_ key: String) throws -> PresentedKey {
    PresentedKey(accessCount: metadata.accessCount, hash: try APIKeySecret(text: key).hash())
  }

  /// - Parameter key: What the request presents as an API key (`presented`), if anything.
  package func principal(headers: HTTPFields, key: PresentedKey?) async throws -> Principal {
    if let key { return try await principal(presenting: key) }
    guard let session = try await sessions.session(headers: headers) else { return .anonymous }
    return .signedIn(
      SignedInUser(
        user: session.user, owner: session.user,
        credential: .session(provider: session.provider, id: session.id)))
  }

  private func principal(presenting key: PresentedKey) async throws -> Principal {
    guard let identity = try await identity(of: key) else { return .anonymous }
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

extension Authenticator {
  /// Whom a key speaks for: from memory as long as nothing about users, keys and members changed since it was looked up.
  private func identity(of key: PresentedKey) async throws -> APIKeyIdentity? {
    if let identity = known.identity(of: key) { return identity }
    guard let identity = try await metadata.apiKey(hash: key.hash) else { return nil }
    known.insert(identity, of: key)
    return identity
  }
}

/// The identities behind the keys that were used lately.
package final class KnownIdentities: Sendable {
  private static let capacity = 1000
  private let state = Guarded<(accessCount: Int, identities: [[UInt8]: APIKeyIdentity])>((0, [:]))

  package init() {}

  func identity(of key: PresentedKey) -> APIKeyIdentity? {
    state.withLock { $0.accessCount == key.accessCount ? $0.identities[key.hash] : nil }
  }

  func insert(_ identity: APIKeyIdentity, of key: PresentedKey) {
    state.withLock { state in
      if key.accessCount < state.accessCount { return }
      if key.accessCount > state.accessCount || state.identities.count >= Self.capacity {
        state = (key.accessCount, [:])
      }
      state.identities[key.hash] = identity
    }
  }
}

/// An API key as a request carried it: the hash of its secret, and when that was looked at.
package struct PresentedKey: Sendable {
  /// `MetadataStore.accessCount` at that time.
  package let accessCount: Int
  package let hash: [UInt8]
}
