import APITypes
import Foundation
import HTTPTypes
import Hummingbird
import Metadata

/// `/api/me`, `/api/sessions`, `/auth/logout` and, in `--dev` deployments only, `/api/dummylogin/{user}`.
struct SessionController: Sendable {
  let services: Services

  func addRoutes(to router: Router<AppContext>) {
    router.get("api/me", use: me)
    router.get("auth/logout", use: logout)
    router.head("auth/logout", use: logout)
    router.delete("api/sessions", use: endAll)
    if services.isDevelopment { router.get("api/dummylogin/:username", use: dummyLogin) }
  }

  /// Session only, as upstream: an API key without a session is a 401 here.
  private func me(_ request: Request, _ context: AppContext) async throws -> Response {
    let user = try services.authorizer.require(.readProfile, for: context.principal)
    guard let username = user.user.username else { throw APIError.notLoggedIn }
    return try .json(
      ProfileBody(
        name: user.user.name, avatarURL: user.user.avatarURL ?? "",
        user: .init(id: user.user.id.uuidString.lowercased(), username: username)))
  }

  private func logout(_ request: Request, _ context: AppContext) async throws -> Response {
    var response = Response.temporaryRedirect(to: "/")
    response.headers[.setCookie] = try await services.sessions.end(headers: request.headers)
    return response
  }

  /// Ends all sessions of the caller, in every browser.
  private func endAll(_ request: Request, _ context: AppContext) async throws -> Response {
    let user = try services.authorizer.require(.endSessions, for: context.principal)
    try await services.metadata.endSessions(of: user.user.id)
    var response = Response.null()
    response.headers[.setCookie] = try await services.sessions.end(headers: request.headers)
    return response
  }

  private func dummyLogin(_ request: Request, _ context: AppContext) async throws -> Response {
    let username = try context.pathParameter("username")
    var subjects = [FailureLimiter.Subject.account(username)]
    if let address = context.clientAddress { subjects.append(.address(address)) }
    try services.failures.requireAllowed(subjects)
    guard let user = try await services.metadata.user(named: username), user.hasProfile else {
      services.failures.recordFailure(subjects)
      throw APIError(.userNotFound, "User '\(username)' not found")
    }
    services.failures.recordSuccess(account: username)
    var response = Response.temporaryRedirect(to: "/")
    response.headers[.setCookie] = try await services.sessions.open(
      user, provider: "dummy", headers: request.headers)
    return response
  }
}
