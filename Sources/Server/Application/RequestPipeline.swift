import APITypes
import CondaTypes
import Foundation
import HTTPTypes
package import Hummingbird
import Logging
import Metadata
import NIOCore

/// What happens around every route: request ID, path token, authentication, errors, access log.
///
/// It stands in front of the router rather than inside it, since `/t/<key>/` must be gone before a route is
/// looked up. Errors are rendered here and nowhere else; so is the one log line per failure.
package struct RequestPipeline: HTTPResponder {
  package typealias Context = AppContext

  let authenticator: Authenticator
  let sessions: SessionService
  let failures: FailureLimiter
  let clientAddress: ClientAddress
  let metrics: RequestMetrics
  let allowedMethods: AllowedMethods
  /// `nil` where pages of other servers may do nothing.
  let crossOrigin: CrossOrigin?
  let now: @Sendable () -> Date
  let router: any HTTPResponder<AppContext>

  package func respond(to request: Request, context: AppContext) async throws -> Response {
    let start = ContinuousClock.now
    var context = context
    context.requestID = String(UInt64.random(in: .min ... .max), radix: 16)
    var request = request
    var response: Response
    var exception: String?
    metrics.begin(method: request.method.rawValue)
    context.clientAddress = clientAddress.address(
      headers: request.headers, connection: context.connection.remoteAddress?.ipAddress)
    do {
      let token = Self.takePathToken(&request)
      context.carriesPathToken = token != nil
      context.presentedKey = try PresentedCredential.apiKey(headers: request.headers, pathToken: token)
        .map { try authenticator.presented($0) }
      context.principal = try await authenticator.principal(
        headers: request.headers, key: context.presentedKey)
      try SameOrigin.require(request.head, context.principal)
      response = try await answer(request, context)
    } catch {
      let error = limit(APIError(mapping: error), context)
      if error.code.status >= 500 { exception = error.code.rawValue }
      log(error, request, context)
      response = ErrorAnswer.render(error)
    }
    // Errors too: a body after HEAD would be read as the start of the connection's next answer.
    if request.method == .head { response = response.createHeadResponse() }
    response.headers[.requestID] = context.requestID
    await renewSession(request, context, &response)
    PageHeaders.add(to: &response)
    if let crossOrigin {
      response.headers.append(contentsOf: crossOrigin.fields(for: request.headers[.origin]))
    }
    // A cache in between does not know `X-API-Key`, and would give one user's answer to another.
    if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
    let duration = start.duration(to: .now)
    metrics.end(
      method: request.method.rawValue, endpoint: context.endpointPath, status: response.status.code,
      duration: duration, exception: exception)
    logAccess(request, context, response, duration)
    return response
  }

  /// What the routes answer.
  private func answer(_ request: Request, _ context: AppContext) async throws -> Response {
    if let preflight = crossOrigin?.preflight(request.head) { return preflight }
    let response = try await AuditOrigin.$current.withValue(origin(context)) {
      try await router.respond(to: request, context: context)
    }
    if response.status == .notFound, response.headers[.errorCode] == nil {
      throw unknownRoute(request)  // Hummingbird's own answer where no route matches
    }
    return response
  }

  /// Lets a session that is used go on. Only where nobody keeps the answer: what says how long it may be kept (files,
  /// packages, redirects to them) goes to others as well. A request that was refused is no use of a session.
  private func renewSession(_ request: Request, _ context: AppContext, _ response: inout Response) async {
    guard context.principal.credentialKind == .session, response.status.code < 400,
      response.headers[.cacheControl] == nil, response.headers[.setCookie] == nil
    else { return }
    // If it fails, the answer is right all the same, and the next request tries again.
    response.headers[.setCookie] = try? await sessions.renewal(headers: request.headers)
  }

  /// What every change of this request is written down with.
  private func origin(_ context: AppContext) -> AuditOrigin {
    let user = context.principal.user
    return AuditOrigin(
      actorID: user?.owner.id, keyID: user?.keyID, address: context.clientAddress, time: now())
  }

  /// Counts a 401 that a bad key led to, and makes it a 429 once there were too many from this address.
  ///
  /// Public data was answered before this; so a client with one bad key keeps what everybody may have.
  private func limit(_ error: APIError, _ context: AppContext) -> APIError {
    guard error.code == .notLoggedIn, context.presentedKey != nil, context.principal.user == nil,
      let address = context.clientAddress
    else { return error }
    if let seconds = failures.retryAfter([.address(address)]) { return .tooManyFailures(retryAfter: seconds) }
    failures.recordFailure([.address(address)])
    return error
  }

  /// Takes `/t/<key>/` off the front of the path, so that neither routes nor logs ever see it.
  private static func takePathToken(_ request: inout Request) -> String? {
    guard let (token, rest) = PathToken.split(request.head.path ?? "/") else { return nil }
    var head = request.head
    head.path = rest
    request = Request(head: head, body: request.body)
    return token
  }

  /// A path that has other methods is a 405. Upstream's front end catches every GET, so unknown paths are 404 for GET and
  /// 405 for everything else.
  private func unknownRoute(_ request: Request) -> APIError {
    let methods = allowedMethods.methods(of: request.uri.path)
    let isUnknown = methods.isEmpty || methods.contains(request.method)
    if isUnknown, request.method == .get { return APIError(.routeNotFound, "Not Found") }
    let allowed = isUnknown ? "GET" : methods.map(\.rawValue).joined(separator: ", ")
    return APIError(.methodNotAllowed, "Method Not Allowed", headers: [.allow: allowed])
  }

  private func log(_ error: APIError, _ request: Request, _ context: AppContext) {
    guard error.code.status >= 500 else { return }
    // Bytes of a published package that are gone are for a person to look at, now.
    context.logger.log(
      level: error.code == .packageBytesMissing ? .critical : .error, "request failed",
      metadata: [
        "request.id": "\(context.requestID)", "error.code": "\(error.code.rawValue)",
        "error.cause": "\(error.underlying.map { String(reflecting: $0) } ?? "-")",
        "http.path": "\(Self.loggable(request.uri.path))",
      ])
  }

  /// A path as logs may have it: upstream's clients delete a key by its text.
  private static func loggable(_ path: String) -> String {
    path.hasPrefix("/api/api-keys/") ? "/api/api-keys/…" : path
  }

  private func logAccess(
    _ request: Request, _ context: AppContext, _ response: Response, _ duration: Duration
  ) {
    context.logger.debug(
      "request",
      metadata: [
        "request.id": "\(context.requestID)", "http.method": "\(request.method.rawValue)",
        "http.path": "\(Self.loggable(request.uri.path))", "http.status": "\(response.status.code)",
        "duration_ms": "\(duration / .milliseconds(1))",
      ])
  }
}

/// The one place where an error becomes a response.
enum ErrorAnswer {
  static func render(_ error: APIError) -> Response {
    let (headers, body) = parts(error)
    return Response(
      status: HTTPResponse.Status(code: error.code.status), headers: headers,
      body: ResponseBody(byteBuffer: body))
  }

  /// Headers, with `Content-Length`, and body.
  static func parts(_ error: APIError) -> (headers: HTTPFields, body: ByteBuffer) {
    let body = ByteBuffer(string: JSONValue.object(["detail": error.detail]).canonicalText())
    var headers: HTTPFields = [
      .contentType: "application/json", .errorCode: error.code.rawValue,
      .contentLength: String(body.readableBytes),
    ]
    headers.append(contentsOf: error.headers)
    return (headers, body)
  }
}
