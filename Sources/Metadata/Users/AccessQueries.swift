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

  /// A page of the channels a user has a role in, with that role, sorted by name, and how many there are in all.
  ///
  /// - Parameter limit: At most so many; nil is all.
  public func channelRoles(
    of userID: UUID, skip: Int = 0, limit: Int? = nil
  ) async throws(MetadataError) -> (rows: [KeyRole], total: Int) {
    try await read { db in
      let total = try db.one("SELECT count(*) AS total FROM channelMember WHERE userID = ?", [userID])
      return (try db.channelRoles(of: userID, skip: skip, limit: limit), try total?.value("total") ?? 0)
    }
  }

  /// A page of the packages a user has a role for, with that role, sorted by channel and name, and how many there are
  /// in all.
  ///
  /// - Parameter limit: At most so many; nil is all.
  public func packageRoles(
    of userID: UUID, skip: Int = 0, limit: Int? = nil
  ) async throws(MetadataError) -> (rows: [KeyRole], total: Int) {
    try await read { db in
      let total = try db.one("SELECT count(*) AS total FROM packageMember WHERE userID = ?", [userID])
      return (try db.packageRoles(of: userID, skip: skip, limit: limit), try total?.value("total") ?? 0)
    }
  }
}

extension Database {
  func channelRoles(of userID: UUID, skip: Int = 0, limit: Int? = nil) throws -> [KeyRole] {
    try all(
      """
      SELECT channel.name AS channel, NULL AS package, channelMember.role AS role FROM channelMember
      JOIN channel ON channel.id = channelMember.channelID
      WHERE channelMember.userID = ? ORDER BY channel.name LIMIT ? OFFSET ?
      """, [userID, limit ?? -1, skip]
    ).compactMap(KeyRole.init(row:))
  }

  func packageRoles(of userID: UUID, skip: Int = 0, limit: Int? = nil) throws -> [KeyRole] {
    try all(
      """
      SELECT channel.name AS channel, package.name AS package, packageMember.role AS role FROM packageMember
      JOIN package ON package.id = packageMember.packageID JOIN channel ON channel.id = package.channelID
      WHERE packageMember.userID = ? ORDER BY channel.name, package.name LIMIT ? OFFSET ?
      """, [userID, limit ?? -1, skip]
    ).compactMap(KeyRole.init(row:))
  }
}

extension KeyRole {
  init?(row: Row) throws {
    guard let role = try row.role("role") else { return nil }
    self.init(channel: try row.value("channel"), package: try row.value("package"), role: role)
  }
}
