package import Metadata

/// What somebody wants to do.
package enum Action: String, CaseIterable, Sendable {
  case readChannel
  case readPackage
  case createChannel
  case deleteChannel
  case createPackage
  case deletePackage
  case deleteVersion
  /// The raw upload route, which knows channel roles only.
  case upload
  /// The multipart routes, which know package roles as well.
  case uploadToPackage
  /// Replacing an artifact that exists (`force`), on any upload route.
  case overwrite
}

/// Who may do one thing: the roles, any of which is enough.
package struct PermissionRule: Sendable {
  /// Everybody may, the anonymous too, where the channel is public.
  package var openIfPublic = false
  /// Server roles; owner and maintainer ("elevated") pass everything below the server anyway.
  package var server: Set<Role> = []
  package var channel: Set<Role> = []
  package var package: Set<Role> = []
}

/// The permission table (quetz-api.md §2.4, §2.5) as data, and the one function that reads it.
package enum Permission {
  package static func rule(for action: Action) -> PermissionRule {
    switch action {
    case .readChannel: PermissionRule(openIfPublic: true, channel: [.owner, .maintainer, .member])
    case .readPackage:
      PermissionRule(
        openIfPublic: true, channel: [.owner, .maintainer, .member], package: [.owner, .maintainer, .member])
    case .createChannel: PermissionRule(server: [.owner, .maintainer, .member])
    case .deleteChannel: PermissionRule(channel: [.owner, .maintainer])
    case .createPackage: PermissionRule(channel: [.owner, .maintainer])
    case .deletePackage: PermissionRule(channel: [.owner, .maintainer], package: [.owner, .maintainer])
    case .deleteVersion: PermissionRule(channel: [.owner, .maintainer], package: [.owner, .maintainer])
    case .upload: PermissionRule(channel: [.owner, .maintainer])
    case .uploadToPackage: PermissionRule(channel: [.owner, .maintainer], package: [.owner, .maintainer])
    case .overwrite: PermissionRule(channel: [.owner], package: [.owner])
    }
  }

  /// Everything a decision depends on.
  package struct Situation: Sendable {
    package var isSignedIn: Bool
    package var serverRole: Role?
    package var channelRole: Role?
    package var packageRole: Role?
    /// Whether the channel is private; `true` where there is no channel.
    package var isPrivate: Bool

    package init(
      isSignedIn: Bool, serverRole: Role? = nil, channelRole: Role? = nil, packageRole: Role? = nil,
      isPrivate: Bool = true
    ) {
      self.isSignedIn = isSignedIn
      self.serverRole = serverRole
      self.channelRole = channelRole
      self.packageRole = packageRole
      self.isPrivate = isPrivate
    }
  }

  package enum Decision: Sendable, Hashable {
    case allow
    /// 401: logging in could help.
    case needsLogin
    /// 403: it could not.
    case refuse
  }

  package static func decide(_ action: Action, _ situation: Situation) -> Decision {
    let rule = rule(for: action)
    if rule.openIfPublic, !situation.isPrivate { return .allow }
    guard situation.isSignedIn else { return .needsLogin }
    if situation.serverRole == .owner || situation.serverRole == .maintainer { return .allow }
    let grants = [
      (situation.serverRole, rule.server), (situation.channelRole, rule.channel),
      (situation.packageRole, rule.package),
    ]
    let isGranted = grants.contains { role, accepted in role.map(accepted.contains) ?? false }
    return isGranted ? .allow : .refuse
  }
}
