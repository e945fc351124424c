import Foundation
package import HTTPTypes
package import Metadata

/// Opens, finds and ends sessions. A session is a row; the signed cookie only names it, so that ending it is at once.
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
      oldest: now.addingTimeInterval(-TimeInterval(SessionCookie.lifetime)), now: now)
    return try cookie.setting(
      SessionCookie.Session(
        id: id, userID: user.id, provider: provider, issuedAt: Int64(now.timeIntervalSince1970)))
  }

  /// The session that a request's cookie names, if it holds and has not ended.
  package func session(headers: HTTPFields) async throws -> SessionRow? {
    guard let header = headers[.cookie], let named = cookie.session(in: header, now: now()),
      let session = try await metadata.session(id: named.id), session.user.id == named.userID,
      session.user.hasProfile
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
