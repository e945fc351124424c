package import Metadata

/// Asks the permission table with what the database says about a principal.
package struct Authorizer: Sendable {
  let metadata: MetadataStore

  /// A check on a channel, or on a package of it.
  ///
  /// - Throws: 401 if logging in could help, else what the table has for the action: 403 `No permission`, say.
  package func require(
    _ action: Action, on channel: ChannelRow, package packageName: String? = nil, for principal: Principal
  ) async throws {
    let decision = try await decide(action, on: channel, package: packageName, for: principal)
    try Self.check(decision, action)
  }

  /// A check on the server as a whole, or on a user, job or key.
  ///
  /// - Parameter isOwn: Whether it is about the caller's own account, job or key.
  /// - Returns: Who asks; there is somebody, unless the action is open to all.
  /// - Throws: 401 if logging in could help, else what the table has for the action.
  @discardableResult
  package func require(
    _ action: Action, for principal: Principal, isOwn: Bool = false
  ) throws -> SignedInUser {
    try Self.check(Permission.decide(action, Self.situation(principal, isOwn: isOwn)), action)
    return try principal.requireSignedIn()
  }

  /// Whether the table allows something on the server as a whole; for what depends on it, like the length of a list.
  package func allows(_ action: Action, for principal: Principal, isOwn: Bool = false) -> Bool {
    Permission.decide(action, Self.situation(principal, isOwn: isOwn)) == .allow
  }

  /// A check of the server role alone.
  ///
  /// - Throws: 403 naming the accepted roles as upstream does.
  package func requireServerRole(for action: Action, _ user: SignedInUser) throws {
    try require(action, for: .signedIn(user))
  }

  /// What the table says, without throwing.
  package func decide(
    _ action: Action, on channel: ChannelRow, package packageName: String? = nil, for principal: Principal
  ) async throws -> Permission.Decision {
    var situation = Self.situation(principal, isOwn: false)
    situation.isPrivate = channel.isPrivate
    // Public reads and elevated users need no roles from the database.
    if let user = principal.user, Permission.decide(action, situation) != .allow {
      let roles = try await metadata.roles(
        of: user.user.id, channelID: channel.id, packageName: packageName)
      situation.channelRole = roles.channel
      situation.packageRole = roles.package
    }
    return Permission.decide(action, situation)
  }

  private static func situation(_ principal: Principal, isOwn: Bool) -> Permission.Situation {
    Permission.Situation(
      credential: principal.credentialKind, serverRole: principal.user?.user.role, isOwn: isOwn)
  }

  private static func check(_ decision: Permission.Decision, _ action: Action) throws {
    switch decision {
    case .allow: return
    case .needsLogin: throw APIError.notLoggedIn
    case .refuse, .refuseWith401, .notFound: throw refusal(of: action)
    }
  }

  /// The refusal in the contract's words.
  static func refusal(of action: Action) -> APIError {
    let rule = Permission.rule(for: action)
    switch rule.refusal {
    case .noPermission: return .noPermission
    case .notAllowed: return .notAllowed
    case .notLoggedIn: return .notLoggedIn
    case .serverRole: return .serverRoleRequired(rule.server.sorted(by: >).map(\.rawValue))
    case .sizeLimit: return .sizeLimitReserved
    }
  }
}
