import Server
import Testing

/// The contract's permissions, written down by hand from quetz-api.md.
enum PermissionContract {
  /// A row of §2.4 and §2.5: `y` or `n` for owner, maintainer and member of the server, the channel and the package.
  struct Row: Sendable, CustomTestStringConvertible {
    let action: Action
    let server: String
    let channel: String
    let package: String
    /// `open` to all, `read` (open if public), `user` (anybody signed in), `self`, `person` (no scoped key), `browser`
    /// (session only).
    let extra: Set<String>
    let refusal: Int
    var testDescription: String { action.rawValue }

    init(
      _ action: Action, _ columns: String, _ extra: Set<String> = [], refusal: Int = 403
    ) {
      let parts = columns.split(separator: " ").map(String.init)
      self.action = action
      (server, channel, package) = (parts[0], parts[1], parts[2])
      self.extra = extra
      self.refusal = refusal
    }
  }

  static let rows = [
    Row(.listChannels, "nnn nnn nnn", ["open"]),
    Row(.readChannel, "yyn yyy nnn", ["read"]),
    Row(.createChannel, "yyy nnn nnn"),
    Row(.createMirrorChannel, "yyn nnn nnn"),
    Row(.setSizeLimit, "yyn nnn nnn"),
    Row(.updateChannel, "yyn yyn nnn"),
    Row(.deleteChannel, "yyn yyn nnn"),
    Row(.listMembers, "yyn yyn nnn"),
    Row(.changeMembers, "yyn ynn nnn"),
    Row(.changeMirrors, "yyn yyn nnn"),
    Row(.readChannelAudit, "yyn ynn nnn"),
    Row(.changePatches, "yyn yyn nnn"),
    Row(.changeNotices, "yyn ynn nnn"),
    Row(.changeRelations, "yyn ynn nnn"),
    Row(.readPackage, "yyn yyy yyy", ["read"]),
    Row(.createPackage, "yyn yyn nnn"),
    Row(.deletePackage, "yyn yyn yyn"),
    Row(.deleteVersion, "yyn yyn yyn"),
    Row(.yankVersion, "yyn yyn yyn"),
    Row(.addPackageMember, "yyn yyn ynn"),
    Row(.copyIntoChannel, "yyn yyn nnn"),
    Row(.upload, "yyn yyn nnn"),
    Row(.uploadToPackage, "yyn yyn yyn"),
    Row(.overwrite, "yyn ynn ynn"),
    Row(.synchronize, "yyn yyn nnn"),
    Row(.synchronizeRepodata, "yyn yyn nnn"),
    Row(.reindex, "yyn yyn nnn"),
    Row(.generateIndexes, "yyn yyn nnn"),
    Row(.synchronizeMetrics, "yyn yyn nnn"),
    Row(.validatePackages, "yyn nnn nnn"),
    Row(.cleanup, "yyn ynn nnn"),
    Row(.cleanupDryRun, "yyn ynn nnn"),
    Row(.listUsers, "yyy yyy yyy", ["user"]),
    Row(.listAllUsers, "yyn nnn nnn"),
    Row(.readUser, "yyn nnn nnn", ["self"]),
    Row(.readUserRole, "yyn nnn nnn", ["self"]),
    Row(.readUserMemberships, "yyn nnn nnn", ["self"]),
    Row(.deleteUser, "yyn nnn nnn", ["self"]),
    Row(.deletePrivilegedUser, "ynn nnn nnn", ["self"]),
    Row(.setRole, "yyn nnn nnn"),
    Row(.setPrivilegedRole, "ynn nnn nnn"),
    Row(.listJobs, "yyy yyy yyy", ["user"]),
    Row(.listAllJobs, "yyn nnn nnn", refusal: 401),
    Row(.createJob, "yyn nnn nnn", refusal: 401),
    Row(.readJob, "yyn nnn nnn", ["self"], refusal: 401),
    Row(.changeJob, "yyn nnn nnn", ["self"], refusal: 401),
    Row(.listKeys, "yyy yyy yyy", ["user"]),
    Row(.createFullKey, "yyy yyy yyy", ["user", "person"]),
    Row(.grantChannelOwner, "yyn ynn nnn"),
    Row(.grantChannelMaintainer, "yyn yyn nnn"),
    // §2.3 leaves members out; the issue asks for keys up to one's own rights.
    Row(.grantChannelMember, "yyn yyy nnn"),
    Row(.grantPackageOwner, "yyn yyn ynn"),
    Row(.grantPackageMaintainer, "yyn yyn yyn"),
    Row(.grantPackageMember, "yyn yyy yyy"),
    Row(.deleteKey, "yyn nnn nnn", ["self"]),
    Row(.readProfile, "yyy yyy yyy", ["user", "browser"], refusal: 401),
    Row(.endSessions, "yyy yyy yyy", ["user", "person"]),
    Row(.readServerAudit, "ynn nnn nnn"),
    Row(.readHealth, "nnn nnn nnn", ["open"]),
    Row(.readPrometheus, "nnn nnn nnn", ["open"]),
    Row(.readDocumentation, "nnn nnn nnn", ["open"]),
  ]
}
