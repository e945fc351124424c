import CondaTypes
public import Foundation
internal import GRDB

extension MetadataStore {
  /// Gives a user a role in a channel, in place of the one there may be.
  ///
  /// - Throws: `.notFound` if there is no such channel or user.
  public func setChannelMember(channelID: Int64, userID: UUID, role: Role) async throws(MetadataError) {
    try await write { db in
      _ = try db.requireChannel(id: channelID)
      try db.requireUser(id: userID)
      try db.setChannelMember(channelID: channelID, userID: userID, role: role)
      try db.audit(
        "member.set", channelID: channelID, subject: try db.name(ofUser: userID),
        detail: ["role": .string(role.rawValue)])
    }
  }

  /// Takes a user's role in a channel away; throws `.notFound` if there is none.
  public func removeChannelMember(channelID: Int64, userID: UUID) async throws(MetadataError) {
    try await write { db in
      let count = try db.run(
        "DELETE FROM channelMember WHERE channelID = ? AND userID = ?", [channelID, userID])
      guard count > 0 else { throw MetadataError(.notFound, "the user is not a member of the channel") }
      try db.audit("member.remove", channelID: channelID, subject: try db.name(ofUser: userID))
    }
  }

  /// A channel's members by name, without the pseudo-users of scoped API keys.
  public func channelMembers(_ channelID: Int64) async throws(MetadataError) -> [(user: UserRow, role: Role)]
  {
    try await read { db in
      try db.all(
        """
        SELECT channelMember.role AS memberRole, \(UserRow.columns) FROM channelMember
        JOIN user ON user.id = channelMember.userID LEFT JOIN profile ON profile.userID = user.id
        WHERE channelMember.channelID = ? AND user.username IS NOT NULL ORDER BY user.username
        """, [channelID]
      ).compactMap(member(row:))
    }
  }

  /// Gives a user a role for a package.
  ///
  /// - Throws: `.conflict` if the user has one; `.notFound` if there is no such package or user.
  public func addPackageMember(packageID: Int64, userID: UUID, role: Role) async throws(MetadataError) {
    try await write { db in
      let package = try db.requirePackage(id: packageID)
      try db.requireUser(id: userID)
      try db.addPackageMember(packageID: packageID, userID: userID, role: role)
      try db.audit(
        "packageMember.add", channelID: package.channelID, subject: try db.name(ofUser: userID),
        detail: ["package": .string(package.name), "role": .string(role.rawValue)])
    }
  }

  /// A package's members by name, without the pseudo-users of scoped API keys.
  public func packageMembers(_ packageID: Int64) async throws(MetadataError) -> [(user: UserRow, role: Role)]
  {
    try await read { db in
      try db.all(
        """
        SELECT packageMember.role AS memberRole, \(UserRow.columns) FROM packageMember
        JOIN user ON user.id = packageMember.userID LEFT JOIN profile ON profile.userID = user.id
        WHERE packageMember.packageID = ? AND user.username IS NOT NULL ORDER BY user.username
        """, [packageID]
      ).compactMap(member(row:))
    }
  }
}

private func member(row: Row) throws -> (user: UserRow, role: Role)? {
  guard let role = try row.role("memberRole") else { return nil }
  return (try UserRow(row: row), role)
}

extension Database {
  func requireUser(id: UUID) throws {
    guard try one("SELECT 1 FROM user WHERE id = ?", [id]) != nil else {
      throw MetadataError(.notFound, "user not found")
    }
  }

  func setChannelMember(channelID: Int64, userID: UUID, role: Role) throws {
    try run(
      """
      INSERT INTO channelMember (channelID, userID, role) VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET role = excluded.role
      """, [channelID, userID, role.rawValue])
  }

  func addPackageMember(packageID: Int64, userID: UUID, role: Role) throws {
    try run(
      "INSERT INTO packageMember (packageID, userID, role) VALUES (?, ?, ?)",
      [packageID, userID, role.rawValue])
  }
}
