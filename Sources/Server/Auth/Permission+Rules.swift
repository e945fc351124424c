import Metadata

// The table itself. Server owners and maintainers ("elevated") are in every rule that does not name `server`.
extension Permission {
  private static let maintainers: Set<Role> = [.owner, .maintainer]
  private static let members: Set<Role> = [.owner, .maintainer, .member]

  package static func rule(for action: Action) -> PermissionRule {
    switch action {
    case .listChannels, .readHealth, .readPrometheus, .readDocumentation:
      PermissionRule(isOpen: true, server: [])
    case .readChannel: PermissionRule(openIfPublic: true, channel: members)
    case .readPackage: PermissionRule(openIfPublic: true, channel: members, package: members)
    case .createChannel, .createMirrorChannel, .setSizeLimit, .validatePackages: serverRule(for: action)
    case .updateChannel, .deleteChannel, .listMembers, .changeMirrors, .changePatches, .createPackage,
      .copyIntoChannel,
      .upload, .synchronize, .synchronizeRepodata, .reindex, .generateIndexes, .synchronizeMetrics:
      PermissionRule(channel: maintainers)
    case .changeMembers, .cleanup, .cleanupDryRun, .readChannelAudit, .changeNotices, .changeRelations:
      PermissionRule(channel: [.owner])
    case .deletePackage, .deleteVersion, .yankVersion, .uploadToPackage:
      PermissionRule(channel: maintainers, package: maintainers)
    case .addPackageMember: PermissionRule(channel: maintainers, package: [.owner])
    case .overwrite: PermissionRule(channel: [.owner], package: [.owner])
    case .listUsers, .listAllUsers, .readUser, .readUserRole, .readUserMemberships, .deleteUser,
      .deletePrivilegedUser, .setRole, .setPrivilegedRole:
      userRule(for: action)
    case .listJobs: PermissionRule(anyUser: true)
    case .listAllJobs, .createJob: PermissionRule(refusal: .notAllowed)
    case .readJob, .changeJob: PermissionRule(own: true, refusal: .notAllowed)
    case .listKeys, .createFullKey, .grantChannelOwner, .grantChannelMaintainer, .grantChannelMember,
      .grantPackageOwner, .grantPackageMaintainer, .grantPackageMember, .deleteKey, .readProfile,
      .endSessions, .readServerAudit:
      accountRule(for: action)
    }
  }

  private static func serverRule(for action: Action) -> PermissionRule {
    switch action {
    case .createChannel: PermissionRule(server: members, refusal: .serverRole)
    case .setSizeLimit: PermissionRule(refusal: .sizeLimit)
    default: PermissionRule(refusal: .serverRole)
    }
  }

  private static func userRule(for action: Action) -> PermissionRule {
    switch action {
    case .listUsers: PermissionRule(anyUser: true)
    case .listAllUsers, .setRole: PermissionRule(refusal: .serverRole)
    case .setPrivilegedRole: PermissionRule(server: [.owner], refusal: .serverRole)
    case .deletePrivilegedUser: PermissionRule(own: true, server: [.owner], refusal: .serverRole)
    default: PermissionRule(own: true, refusal: .serverRole)
    }
  }

  /// Keys (quetz-api.md §2.3): nobody hands out more than they have. A member may make a member's key, too.
  private static func accountRule(for action: Action) -> PermissionRule {
    switch action {
    case .listKeys: PermissionRule(anyUser: true)
    case .createFullKey: PermissionRule(anyUser: true, server: [], credentials: [.session, .fullKey])
    case .grantChannelOwner: PermissionRule(channel: [.owner])
    case .grantChannelMaintainer: PermissionRule(channel: maintainers)
    case .grantChannelMember: PermissionRule(channel: members)
    case .grantPackageOwner: PermissionRule(channel: maintainers, package: [.owner])
    case .grantPackageMaintainer: PermissionRule(channel: maintainers, package: maintainers)
    case .grantPackageMember: PermissionRule(channel: members, package: members)
    case .deleteKey: PermissionRule(own: true)
    case .readProfile:
      PermissionRule(anyUser: true, server: [], credentials: [.session], refusal: .notLoggedIn)
    case .endSessions: PermissionRule(anyUser: true, server: [], credentials: [.session, .fullKey])
    default: PermissionRule(server: [.owner], refusal: .serverRole)
    }
  }
}
