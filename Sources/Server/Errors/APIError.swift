package import APITypes
package import CondaTypes
package import HTTPTypes

/// An answer that is an error: a code of ours, a body that upstream's clients know, perhaps headers.
package struct APIError: Error, Sendable {
  package let code: APIErrorCode
  /// What `{"detail": …}` holds: a string, an array holding one string (server roles) or validation issues.
  package let detail: JSONValue
  package var headers: HTTPFields
  /// The cause, for the log only.
  package let underlying: (any Error)?

  package init(
    _ code: APIErrorCode, _ detail: JSONValue, headers: HTTPFields = [:], underlying: (any Error)? = nil
  ) {
    self.code = code
    self.detail = detail
    self.headers = headers
    self.underlying = underlying
  }

  package init(
    _ code: APIErrorCode, _ detail: String, headers: HTTPFields = [:], underlying: (any Error)? = nil
  ) {
    self.init(code, .string(detail), headers: headers, underlying: underlying)
  }
}

// The errors that several routes share, in upstream's words (quetz-api.md §0.4).
extension APIError {
  static let notLoggedIn = APIError(
    .notLoggedIn, "Not logged in", headers: [.wwwAuthenticate: "Bearer realm=\"quetz\""])
  static let noPermission = APIError(.noPermission, "No permission")
  /// Jobs of others: 401, as upstream, though logging in does not help.
  static let notAllowed = APIError(.notAllowed, "Not allowed")
  static let sizeLimitReserved = APIError(
    .serverRoleRequired, .array([.string("only server maintainer or owner can set channel size limit")]))

  /// - Parameter seconds: What `Retry-After` says.
  static func tooManyFailures(retryAfter seconds: Int) -> APIError {
    APIError(
      .tooManyFailures, "too many failed logins; try again in \(seconds) seconds",
      headers: [.retryAfter: String(seconds)])
  }

  /// Jobs run one after the other: a minute makes room for some, unless they wait for a time of their own.
  static func tooManyJobs(_ limit: Int, whose subject: String) -> APIError {
    APIError(
      .tooManyJobs,
      "\(subject) \(limit) jobs that wait or run, which is the limit; try again later, or cancel some of them",
      headers: [.retryAfter: "60"])
  }

  /// `accepted` in upstream's order: owner, maintainer, member.
  static func serverRoleRequired(_ accepted: [String]) -> APIError {
    let words = "this operation requires \(accepted.joined(separator: " or ")) roles"
    return APIError(.serverRoleRequired, .array([.string(words)]))
  }

  static func channelNotFound(_ name: String) -> APIError {
    APIError(.channelNotFound, "Channel \(name) not found")
  }

  static func packageNotFound(_ channel: String, _ package: String) -> APIError {
    APIError(.packageNotFound, "Package \(channel)/\(package) not found")
  }

  static func validation(_ issues: [ValidationIssue]) -> APIError {
    APIError(.validationFailed, .array(issues.map(\.json)))
  }
}
