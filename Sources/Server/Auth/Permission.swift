package import Metadata

/// The permission table (quetz-api.md §1, §2.3 to §2.5, with its fixes) as data, and the one function that reads it.
///
/// Routes ask it through `Authorizer`; `docs/API.md` and `/openapi.json` print it. Nothing else decides.
package enum Permission {
  /// Everything a decision depends on.
  package struct Situation: Sendable {
    package var credential: CredentialKind
    package var serverRole: Role?
    package var channelRole: Role?
    package var packageRole: Role?
    /// Whether the channel is private; `true` where there is no channel.
    package var isPrivate: Bool
    /// Whether it is about the caller's own account, job or key.
    package var isOwn: Bool
    /// Whether what the path names exists.
    package var exists: Bool

    package init(
      credential: CredentialKind, serverRole: Role? = nil, channelRole: Role? = nil, packageRole: Role? = nil,
      isPrivate: Bool = true, isOwn: Bool = false, exists: Bool = true
    ) {
      self.credential = credential
      self.serverRole = serverRole
      self.channelRole = channelRole
      self.packageRole = packageRole
      self.isPrivate = isPrivate
      self.isOwn = isOwn
      self.exists = exists
    }
  }

  package enum Decision: Sendable, Hashable {
    case allow
    /// 401: logging in could help.
    case needsLogin
    /// 401 where the contract has it for "may not": jobs, and what only a session can do.
    case refuseWith401
    /// 403: logging in could not help.
    case refuse
    /// 404: there is no such thing, for whoever asks.
    case notFound

    /// The status of a refusal; 200 stands for whatever success the route has.
    package var status: Int {
      switch self {
      case .allow: 200
      case .needsLogin, .refuseWith401: 401
      case .refuse: 403
      case .notFound: 404
      }
    }
  }

  package static func decide(_ action: Action, _ situation: Situation) -> Decision {
    let rule = rule(for: action)
    if !situation.exists { return .notFound }
    if rule.isOpen || (rule.openIfPublic && !situation.isPrivate) { return .allow }
    guard situation.credential != .anonymous else { return .needsLogin }
    if rule.credentials.contains(situation.credential) {
      if rule.anyUser || (rule.own && situation.isOwn) { return .allow }
      let grants = [
        (situation.serverRole, rule.server), (situation.channelRole, rule.channel),
        (situation.packageRole, rule.package),
      ]
      if grants.contains(where: { role, accepted in role.map(accepted.contains) ?? false }) { return .allow }
    }
    switch rule.refusal {
    case .notAllowed, .notLoggedIn: return .refuseWith401
    case .noPermission, .serverRole, .sizeLimit: return .refuse
    }
  }
}
