import CondaTypes
public import Foundation
internal import GRDB

extension MetadataStore {
  /// Makes a user with a profile.
  ///
  /// - Parameter identity: Who this is at a login provider, if the user comes from one.
  /// - Throws: `.conflict` if the username or the identity is taken.
  public func createUser(
    username: String?, role: Role?, name: String?, avatarURL: String,
    identity: (provider: String, identityID: String, login: String)? = nil, now: Date
  ) async throws(MetadataError) -> UserRow {
    let user = UserRow(
      id: UUID(), username: username, role: role, name: name, avatarURL: avatarURL,
      createdAt: Date(milliseconds: now.milliseconds), hasProfile: true)
    return try await write { db in
      try db.insertUser(user)
      try db.run(
        "INSERT INTO profile (userID, name, avatarURL) VALUES (?, ?, ?)", [user.id, name, avatarURL])
      if let identity {
        try db.run(
          "INSERT INTO identity (provider, identityID, login, userID) VALUES (?, ?, ?, ?)",
          [identity.provider, identity.identityID, identity.login, user.id])
      }
      try db.audit(
        "user.create", subject: try db.name(ofUser: user.id),
        detail: ["role": role.map { .string($0.rawValue) } ?? .null])
      return user
    }
  }

  /// A user, deleted ones and pseudo-users included.
  public func user(id: UUID) async throws(MetadataError) -> UserRow? {
    try await read { db in try db.user(id: id) }
  }

  /// The user with this name, deleted ones included. Case matters.
  public func user(named username: String) async throws(MetadataError) -> UserRow? {
    try await read { db in
      try db.one("\(UserRow.select) WHERE user.username = ?", [username]).map(UserRow.init(row:))
    }
  }

  /// The user with this identity at a login provider.
  public func user(provider: String, identityID: String) async throws(MetadataError) -> UserRow? {
    try await read { db in
      try db.one(
        """
        \(UserRow.select) JOIN identity ON identity.userID = user.id
        WHERE identity.provider = ? AND identity.identityID = ?
        """, [provider, identityID]
      ).map(UserRow.init(row:))
    }
  }

  /// A page of the users with a name and a profile, sorted by name, and how many there are in all.
  ///
  /// - Parameters:
  ///   - text: Part of the name, in any case, taken literally; nil is all.
  ///   - id: Show this user at most.
  ///   - limit: At most so many; nil is all.
  public func users(
    matching text: String?, only id: UUID? = nil, skip: Int = 0, limit: Int? = nil
  ) async throws(MetadataError) -> (rows: [UserRow], total: Int) {
    let condition = """
      user.username IS NOT NULL AND profile.userID IS NOT NULL
        AND (:pattern IS NULL OR user.username LIKE :pattern ESCAPE '\\') AND (:id IS NULL OR user.id = :id)
      """
    let filter: StatementArguments = ["pattern": text.map(likePattern(containing:)), "id": id]
    let page = filter &+ ["limit": limit ?? -1, "skip": skip]
    return try await read { db in
      let total = try db.one(
        "SELECT count(*) AS total FROM user JOIN profile ON profile.userID = user.id WHERE \(condition)",
        filter)
      let rows = try db.all(
        "\(UserRow.select) WHERE \(condition) ORDER BY user.username LIMIT :limit OFFSET :skip", page)
      return (try rows.map(UserRow.init(row:)), try total?.value("total") ?? 0)
    }
  }

  /// Sets a user's role in the whole server; throws `.notFound` for unknown users.
  public func setRole(of id: UUID, to role: Role?) async throws(MetadataError) {
    try await write { db in
      guard try db.run("UPDATE user SET role = ? WHERE id = ?", [role?.rawValue, id]) > 0 else {
        throw MetadataError(.notFound, "user not found")
      }
      try db.audit(
        "user.role", subject: try db.name(ofUser: id),
        detail: ["role": role.map { .string($0.rawValue) } ?? .null])
    }
  }

  /// Ends an account: profile, identities, memberships and API keys go, with the pseudo-users of those keys.
  ///
  /// The row with the name and the role stays, because artifacts name their uploader.
  public func deleteUser(id: UUID) async throws(MetadataError) {
    try await write { db in
      guard try db.user(id: id) != nil else { throw MetadataError(.notFound, "user not found") }
      let pseudoUsers = try db.all(
        "SELECT DISTINCT userID FROM apiKey WHERE ownerID = ? AND userID <> ownerID", [id])
      try db.run("DELETE FROM apiKey WHERE ownerID = :id OR userID = :id", ["id": id])
      for row in pseudoUsers {
        let pseudoUser: UUID = try row.value("userID")
        try db.run("DELETE FROM user WHERE id = ? AND username IS NULL", [pseudoUser])
      }
      for table in ["profile", "identity", "channelMember", "packageMember"] {
        try db.run("DELETE FROM \(table) WHERE userID = ?", [id])
      }
      try db.audit("user.delete", subject: try db.name(ofUser: id))
    }
  }

  /// All identities at a login provider, by login.
  public func identities(
    provider: String
  ) async throws(MetadataError) -> [(login: String, userID: UUID, role: Role?)] {
    try await read { db in
      try db.all(
        """
        SELECT identity.login, identity.userID, user.role FROM identity JOIN user ON user.id = identity.userID
        WHERE identity.provider = ? ORDER BY identity.login, identity.identityID
        """, [provider]
      ).map { row in (try row.value("login"), try row.value("userID"), try row.role("role")) }
    }
  }

  /// How many users have a profile.
  public func userCount() async throws(MetadataError) -> Int {
    try await read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM profile") ?? 0 }
  }
}

extension UserRow {
  /// The start of every query for users.
  static let select = "SELECT \(columns) FROM user LEFT JOIN profile ON profile.userID = user.id"
}

extension Database {
  func user(id: UUID) throws -> UserRow? {
    try one("\(UserRow.select) WHERE user.id = ?", [id], as: UserRow.init(row:))
  }

  func insertUser(_ user: UserRow) throws {
    try run(
      "INSERT INTO user (id, username, role, createdAt) VALUES (?, ?, ?, ?)",
      [user.id, user.username, user.role?.rawValue, user.createdAt.milliseconds])
  }
}
