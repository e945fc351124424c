/// Everything somebody can want to do, each a row of the permission table.
///
/// Routes name the action they stand for; `Permission` alone says who may.
package enum Action: String, CaseIterable, Sendable {
  // Channels
  case listChannels
  case readChannel
  case createChannel
  /// A mirror or proxy, which makes the server fetch from elsewhere.
  case createMirrorChannel
  case setSizeLimit
  case updateChannel
  case deleteChannel
  case listMembers
  /// Adding, changing and removing members.
  case changeMembers
  /// Registering and removing mirrors' records.
  case changeMirrors
  case readChannelAudit
  /// Setting, previewing and removing repodata patches.
  case changePatches
  /// Adding and removing notices.
  case changeNotices
  /// Declaring the channels that this one builds upon or stands in front of.
  case changeRelations

  // Packages
  case readPackage
  case createPackage
  case deletePackage
  case deleteVersion
  /// Taking an artifact out of the index, or putting it back.
  case yankVersion
  case addPackageMember
  /// Copying an artifact into this channel; the source asks for `readChannel`.
  case copyIntoChannel
  /// The raw upload route, which knows channel roles only.
  case upload
  /// The multipart routes, which know package roles as well.
  case uploadToPackage
  /// Replacing an artifact that exists (`force`), on any upload route.
  case overwrite

  // Channel actions (`PUT …/actions`)
  case synchronize
  case synchronizeRepodata
  case reindex
  case generateIndexes
  case synchronizeMetrics
  case validatePackages
  case cleanup
  case cleanupDryRun

  // Users
  /// Listing users; without `listAllUsers` one sees oneself.
  case listUsers
  case listAllUsers
  case readUser
  case readUserRole
  /// The channels and packages somebody has roles for.
  case readUserMemberships
  case deleteUser
  /// Deleting an owner or maintainer of the server.
  case deletePrivilegedUser
  /// Making a user a member of the server or nothing, who is not above that now.
  case setRole
  /// Making a user an owner or maintainer of the server, or taking that away.
  case setPrivilegedRole

  // Jobs
  /// Listing jobs; without `listAllJobs` one sees one's own.
  case listJobs
  case listAllJobs
  case createJob
  case readJob
  case changeJob

  // Keys, sessions, audit
  case listKeys
  /// A key without roles: all that its owner may.
  case createFullKey
  case grantChannelOwner
  case grantChannelMaintainer
  case grantChannelMember
  case grantPackageOwner
  case grantPackageMaintainer
  case grantPackageMember
  case deleteKey
  case readProfile
  /// Ending all sessions of one's own account.
  case endSessions
  case readServerAudit

  // Open to everybody
  case readHealth
  case readPrometheus
  case readDocumentation
}
