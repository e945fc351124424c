import Foundation
package import HTTPTypes
import Metadata

/// Finds out who a request acts for.
///
/// A key takes precedence over a session: with a bad key and a good cookie the request is anonymous. A bad key is
/// no error by itself; public data is still answered.
package struct Authenticator: Sendable {
  let metadata: MetadataStore
  let sessions: SessionCookie
  let now: @Sendable () -> Date

  package func principal(headers: HTTPFields, pathToken: String?) async throws -> Principal {
    if let key = PresentedCredential.apiKey(headers: headers, pathToken: pathToken) {
      return try await principal(presenting: APIKeySecret(text: key))
    }
    if let header = headers[.cookie], let session = sessions.session(in: header, now: now()) {
      return try await principal(continuing: session)
    }
    return .anonymous
  }

  private func principal(presenting secret: APIKeySecret) async throws -> Principal {
    guard let identity = try await metadata.apiKey(hash: secret.hash()) else { return .anonymous }
    // Valid through its last day, in UTC.
    if let lastDay = identity.key.expiresOn, now() >= lastDay.addingTimeInterval(86_400) { return .anonymous }
    return .signedIn(
      SignedInUser(user: identity.user, owner: identity.owner, credential: .apiKey(identity.key.id)))
  }

  private func principal(continuing session: SessionCookie.Session) async throws -> Principal {
    guard let user = try await metadata.user(id: session.userID), user.hasProfile else { return .anonymous }
    return .signedIn(
      SignedInUser(user: user, owner: user, credential: .session(provider: session.provider)))
  }
}
