import CondaTypes
public import Foundation
internal import GRDB

extension MetadataStore {
  /// Stores a new API key.
  ///
  /// - Parameters:
  ///   - hash: SHA-256 of the key, 32 bytes; the key itself is never stored.
  ///   - prefix: The key's first characters, 12 at most.
  ///   - roles: Empty: the key has all rights of its owner. Otherwise it gets a pseudo-user with exactly
  ///     these roles; if a channel or package is named twice, the last role counts.
  /// - Throws: `.notFound` if the owner or a channel or package is unknown; `.conflict` if the hash is taken.
  public func createAPIKey(
    hash: [UInt8], prefix: String, description: String, createdOn: Date, expiresOn: Date?, owner: UUID,
    roles: [KeyRole]
  ) async throws(MetadataError) -> APIKeyRow {
    let id = UUID()
    return try await write { db in
      try db.requireUser(id: owner)
      let userID = roles.isEmpty ? owner : try db.insertPseudoUser(roles: roles, now: createdOn)
      try db.run(
        """
        INSERT INTO apiKey (id, hash, prefix, description, createdOn, expiresOn, userID, ownerID)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
          id, Data(hash), prefix, description, createdOn.milliseconds, expiresOn?.milliseconds, userID, owner,
        ])
      guard let key = try db.apiKey(where: "apiKey.id = ?", [id]) else {
        throw MetadataError(.unexpected, "the API key is missing after it was stored")
      }
      try db.audit(created: key, owner: owner)
      return key
    }
  }

  /// Whom a key speaks for; nil if it is unknown or deleted. Whether it has expired is for the caller to
  /// judge.
  public func apiKey(hash: [UInt8]) async throws(MetadataError) -> APIKeyIdentity? {
    try await read { db in
      guard let key = try db.apiKey(where: APIKeyRow.isHash, [Data(hash)]),
        let user = try db.user(id: key.userID), let owner = try db.user(id: key.ownerID)
      else { return nil }
      return APIKeyIdentity(key: key, user: user, owner: owner)
    }
  }

  /// The key with this hash, deleted ones included: for deleting it, which may be repeated.
  public func deletableAPIKey(hash: [UInt8]) async throws(MetadataError) -> APIKeyRow? {
    try await read { db in try db.apiKey(where: "apiKey.hash = ?", [Data(hash)]) }
  }

  /// The key with this ID, deleted ones included.
  public func apiKey(id: UUID) async throws(MetadataError) -> APIKeyRow? {
    try await read { db in try db.apiKey(where: "apiKey.id = ?", [id]) }
  }

  /// A user's keys that are not deleted: those with all rights first, then the scoped ones; oldest first.
  public func apiKeys(ownedBy owner: UUID) async throws(MetadataError) -> [APIKeyRow] {
    try await read { db in
      try db.all(
        """
        SELECT \(APIKeyRow.columns) FROM apiKey WHERE ownerID = ? AND NOT isDeleted
        ORDER BY userID <> ownerID, number
        """, [owner]
      ).map(db.apiKey(row:))
    }
  }

  /// Deletes a key: it never works again, but stays as a row. May be repeated; throws `.notFound` for unknown
  /// IDs.
  public func deleteAPIKey(id: UUID) async throws(MetadataError) {
    try await write { db in
      guard try db.run("UPDATE apiKey SET isDeleted = 1 WHERE id = ?", [id]) > 0 else {
        throw MetadataError(.notFound, "API key not found")
      }
      try db.audit("key.delete", subject: id.uuidString.lowercased())
    }
  }

  /// Notes when keys were last used; an earlier time than the one known is ignored.
  public func touchAPIKeys(_ times: [UUID: Date]) async throws(MetadataError) {
    try await write { db in
      for (id, time) in times {
        try db.run(
          "UPDATE apiKey SET lastUsed = max(coalesce(lastUsed, 0), ?) WHERE id = ?", [time.milliseconds, id])
      }
    }
  }
}

extension Database {
  /// A line for every channel the key can do something in, so that its owners see it; one without for a full key.
  fileprivate func audit(created key: APIKeyRow, owner: UUID) throws {
    let detail: [String: JSONValue] = [
      "prefix": .string(key.prefix), "owner": .string(try name(ofUser: owner)),
      "expires": key.expiresOn.map { .integer($0.milliseconds) } ?? .null,
    ]
    let subject = key.id.uuidString.lowercased()
    guard let roles = key.roles else {
      return try audit("key.create", subject: subject, detail: detail)
    }
    for role in roles {
      let channel = try one("SELECT id FROM channel WHERE name = ?", [role.channel])
      let scope: [String: JSONValue] = [
        "role": .string(role.role.rawValue), "package": role.package.map { .string($0) } ?? .null,
      ]
      try audit(
        "key.create", channelID: try channel?.value("id"), subject: subject,
        detail: detail.merging(scope) { first, _ in first })
    }
  }
}

extension APIKeyRow {
  static let isHash = "apiKey.hash = ? AND NOT apiKey.isDeleted"
}

extension Database {
  fileprivate func apiKey(where condition: String, _ arguments: StatementArguments) throws -> APIKeyRow? {
    try one("SELECT \(APIKeyRow.columns) FROM apiKey WHERE \(condition)", arguments).map(apiKey(row:))
  }

  fileprivate func apiKey(row: Row) throws -> APIKeyRow {
    let userID: UUID = try row.value("userID")
    let ownerID: UUID = try row.value("ownerID")
    let isScoped = userID != ownerID
    let roles = isScoped ? try channelRoles(of: userID) + packageRoles(of: userID) : nil
    return try APIKeyRow(row: row, roles: roles)
  }

  /// A user without name, profile and server role, with exactly these roles.
  fileprivate func insertPseudoUser(roles: [KeyRole], now: Date) throws -> UUID {
    let user = UserRow(
      id: UUID(), username: nil, role: nil, name: nil, avatarURL: nil, createdAt: now, hasProfile: false)
    try insertUser(user)
    for role in roles {
      guard let row = try one("SELECT id FROM channel WHERE name = ?", [role.channel]) else {
        throw MetadataError(.notFound, "channel \(role.channel) not found")
      }
      let channelID: Int64 = try row.value("id")
      guard let name = role.package else {
        try setChannelMember(channelID: channelID, userID: user.id, role: role.role)
        continue
      }
      guard let package = try package(channelID: channelID, name: name) else {
        throw MetadataError(.notFound, "package \(role.channel)/\(name) not found")
      }
      try run(
        """
        INSERT INTO packageMember (packageID, userID, role) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET role = excluded.role
        """, [package.id, user.id, role.role.rawValue])
    }
    return user.id
  }
}
