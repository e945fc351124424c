import Foundation
package import HTTPTypes
package import Metadata

/// Opens, finds, renews and ends sessions. A session is a row; the signed cookie only names it, so that ending it is at
/// once.
///
/// A session in use goes on by cookies alone (decision 0080): the row keeps the time of the login and is never written
/// again.
package struct SessionService: Sendable {
  let metadata: MetadataStore
  let cookie: SessionCookie
  let now: @Sendable () -> Date

  /// Opens a session for a user who has just proved who they are, in place of the one the browser may have.
  ///
  /// - Returns: The `Set-Cookie` value.
  package func open(_ user: UserRow, provider: String, headers: HTTPFields) async throws -> String {
    let now = now()
    let replaced = headers[.cookie].flatMap { cookie.session(in: $0, now: now) }
    let id = try await metadata.openSession(
      of: user.id, provider: provider, replacing: replaced?.id,
      oldest: now.addingTimeInterval(-TimeInterval(SessionCookie.longestLifetime)), now: now)
    return try cookie.setting(
      SessionCookie.Session(
        id: id, userID: user.id, provider: provider, issuedAt: Int64(now.timeIntervalSince1970)))
  }

  /// The session that a request's cookie names, if it holds and has not ended.
  package func session(headers: HTTPFields) async throws -> SessionRow? {
    guard let header = headers[.cookie], let named = cookie.session(in: header, now: now()) else {
      return nil
    }
    return try await session(named)
  }

  /// A cookie in place of one that is a day old, so that who comes back within 14 days need not log in again.
  ///
  /// The session is looked up anew: what ended while the request ran stays ended.
  ///
  /// - Returns: The `Set-Cookie` value; `nil` if the cookie is younger, or no session.
  package func renewal(headers: HTTPFields) async throws -> String? {
    let now = now()
    let time = Int64(now.timeIntervalSince1970)
    guard let header = headers[.cookie], let named = cookie.session(in: header, now: now),
      time - named.issuedAt >= SessionCookie.renewalAge, let session = try await session(named)
    else { return nil }
    let end = Int64(session.createdAt.timeIntervalSince1970) + SessionCookie.longestLifetime
    return try cookie.setting(
      SessionCookie.Session(
        id: session.id, userID: session.user.id, provider: session.provider, issuedAt: time),
      maxAge: min(SessionCookie.lifetime, end - time))
  }

  /// The row behind a cookie, unless it was ended, its user was deleted, or the login is too long ago.
  private func session(_ named: SessionCookie.Session) async throws -> SessionRow? {
    guard let session = try await metadata.session(id: named.id), session.user.id == named.userID,
      session.user.hasProfile,
      now() < session.createdAt.addingTimeInterval(TimeInterval(SessionCookie.longestLifetime))
    else { return nil }
    return session
  }

  /// Ends the session that a request's cookie names, if any.
  ///
  /// - Returns: The `Set-Cookie` value that clears the cookie.
  package func end(headers: HTTPFields) async throws -> String {
    if let header = headers[.cookie], let named = cookie.session(in: header, now: now()) {
      try await metadata.endSession(id: named.id)
    }
    return cookie.clearing()
  }
}
