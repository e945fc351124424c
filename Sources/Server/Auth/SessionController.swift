import APITypes
import Foundation
import HTTPTypes
import Hummingbird
import Metadata

/// `/api/me`, `/auth/logout` and, in `--dev` deployments only, `/api/dummylogin/{user}`.
struct SessionController: Sendable {
  let services: Services

  func addRoutes(to router: Router<AppContext>) {
    router.get("api/me", use: me)
    router.get("auth/logout", use: logout)
    router.head("auth/logout", use: logout)
    if services.isDevelopment { router.get("api/dummylogin/:username", use: dummyLogin) }
  }

  /// Session only, as upstream: an API key without a session is a 401 here.
  private func me(_ request: Request, _ context: AppContext) async throws -> Response {
    let user = try context.principal.requireSignedIn()
    guard case .session = user.credential, let username = user.user.username else {
      throw APIError.notLoggedIn
    }
    return try .json(
      ProfileBody(
        name: user.user.name, avatarURL: user.user.avatarURL ?? "",
        user: .init(id: user.user.id.uuidString.lowercased(), username: username)))
  }

  private func logout(_ request: Request, _ context: AppContext) async throws -> Response {
    var response = Response.temporaryRedirect(to: "/")
    response.headers[.setCookie] = services.authenticator.sessions.clearing()
    return response
  }

  private func dummyLogin(_ request: Request, _ context: AppContext) async throws -> Response {
    let username = try context.pathParameter("username")
    guard let user = try await services.metadata.user(named: username), user.hasProfile else {
      throw APIError(.userNotFound, "User '\(username)' not found")
    }
    let session = SessionCookie.Session(
      userID: user.id, provider: "dummy", issuedAt: Int64(services.now().timeIntervalSince1970))
    var response = Response.temporaryRedirect(to: "/")
    response.headers[.setCookie] = try services.authenticator.sessions.setting(session)
    return response
  }
}
