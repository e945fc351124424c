package import Metadata

/// How somebody proved who they are; what one proof may, another may not.
package enum CredentialKind: String, CaseIterable, Sendable {
  case anonymous
  case session
  /// A key with all its owner's rights.
  case fullKey
  /// A key that holds exactly its roles.
  case scopedKey
}

/// Who may do one thing: any of the grants is enough.
package struct PermissionRule: Sendable {
  /// Everybody may, the anonymous too, wherever it is.
  package var isOpen = false
  /// Everybody may, the anonymous too, where the channel is public.
  package var openIfPublic = false
  /// Everybody who is signed in may.
  package var anyUser = false
  /// The user whom it is about may: one's own account, job or key.
  package var own = false
  package var server: Set<Role> = Self.elevated
  package var channel: Set<Role> = []
  package var package: Set<Role> = []
  /// Which proofs count at all; with another one is as good as anonymous, or refused.
  package var credentials: Set<CredentialKind> = [.session, .fullKey, .scopedKey]
  package var refusal = Refusal.noPermission

  /// How a refusal is worded, which the contract fixes per route.
  package enum Refusal: Sendable {
    /// 403 `No permission`.
    case noPermission
    /// 403 with an array that names the server roles that would do.
    case serverRole
    /// 403 with the words for `size_limit`.
    case sizeLimit
    /// 401 `Not allowed`: jobs.
    case notAllowed
    /// 401 `Not logged in`: only a session will do.
    case notLoggedIn
  }

  /// Server owners and maintainers, who pass every check on channels and packages.
  package static let elevated: Set<Role> = [.owner, .maintainer]
}
