public import Foundation
internal import GRDB

extension MetadataStore {
  /// The roles of a user in a channel and, if a name is given, for a package of it.
  public func roles(
    of userID: UUID, channelID: Int64, packageName: String?
  ) async throws(MetadataError) -> AccessRoles {
    try await read { db in
      let channel = try db.one(
        "SELECT role FROM channelMember WHERE channelID = ? AND userID = ?", [channelID, userID])
      let package = try packageName.flatMap { name in
        try db.one(
          """
          SELECT packageMember.role FROM package
          JOIN packageMember ON packageMember.packageID = package.id AND packageMember.userID = ?
          WHERE package.channelID = ? AND package.name = ?
          """, [userID, channelID, name])
      }
      return AccessRoles(channel: try channel?.role("role"), package: try package?.role("role"))
    }
  }

  /// The channels a user is a member of.
  public func memberChannelIDs(of userID: UUID) async throws(MetadataError) -> [Int64] {
    try await read { db in
      try db.all("SELECT channelID FROM channelMember WHERE userID = ? ORDER BY channelID", [userID])
        .map { row in try row.value("channelID") }
    }
  }

  /// The channels a user has a role in, with that role, sorted by name.
  public func channelRoles(of userID: UUID) async throws(MetadataError) -> [KeyRole] {
    try await read { db in try db.channelRoles(of: userID) }
  }

  /// The packages a user has a role for, with that role, sorted by channel and name.
  public func packageRoles(of userID: UUID) async throws(MetadataError) -> [KeyRole] {
    try await read { db in try db.packageRoles(of: userID) }
  }
}

extension Database {
  func channelRoles(of userID: UUID) throws -> [KeyRole] {
    try all(
      """
      SELECT channel.name AS channel, NULL AS package, channelMember.role AS role FROM channelMember
      JOIN channel ON channel.id = channelMember.channelID
      WHERE channelMember.userID = ? ORDER BY channel.name
      """, [userID]
    ).compactMap(KeyRole.init(row:))
  }

  func packageRoles(of userID: UUID) throws -> [KeyRole] {
    try all(
      """
      SELECT channel.name AS channel, package.name AS package, packageMember.role AS role FROM packageMember
      JOIN package ON package.id = packageMember.packageID JOIN channel ON channel.id = package.channelID
      WHERE packageMember.userID = ? ORDER BY channel.name, package.name
      """, [userID]
    ).compactMap(KeyRole.init(row:))
  }
}

extension KeyRole {
  init?(row: Row) throws {
    guard let role = try row.role("role") else { return nil }
    self.init(channel: try row.value("channel"), package: try row.value("package"), role: role)
  }
}
