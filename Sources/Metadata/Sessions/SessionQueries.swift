public import Foundation
internal import GRDB

extension MetadataStore {
  /// Opens a session, in place of the one the browser had, and drops those that are too old to count.
  ///
  /// - Parameters:
  ///   - replaced: The session to end; a login never continues an earlier one.
  ///   - oldest: Sessions made before this are over, however much they are used.
  /// - Throws: `.notFound` if there is no such user.
  public func openSession(
    of userID: UUID, provider: String, replacing replaced: UUID?, oldest: Date, now: Date
  ) async throws(MetadataError) -> UUID {
    let id = UUID()
    return try await write { db in
      try db.requireUser(id: userID)
      if let replaced { try db.run("DELETE FROM session WHERE id = ?", [replaced]) }
      try db.run("DELETE FROM session WHERE createdAt < ?", [oldest.milliseconds])
      try db.run(
        "INSERT INTO session (id, userID, provider, createdAt) VALUES (?, ?, ?, ?)",
        [id, userID, provider, now.milliseconds])
      return id
    }
  }

  /// A session that has not been ended; whether it is too old is for the caller to judge.
  public func session(id: UUID) async throws(MetadataError) -> SessionRow? {
    try await read { db in
      try db.one(
        """
        SELECT session.id AS sessionID, session.provider, session.createdAt AS sessionCreatedAt,
          \(UserRow.columns)
        FROM session JOIN user ON user.id = session.userID LEFT JOIN profile ON profile.userID = user.id
        WHERE session.id = ?
        """, [id]
      ).map(SessionRow.init(row:))
    }
  }

  /// Ends a session; one that is over already is none to worry about.
  public func endSession(id: UUID) async throws(MetadataError) {
    try await write { db in _ = try db.run("DELETE FROM session WHERE id = ?", [id]) }
  }

  /// Ends all sessions of a user, everywhere.
  ///
  /// - Returns: How many there were.
  @discardableResult
  public func endSessions(of userID: UUID) async throws(MetadataError) -> Int {
    try await write { db in
      let count = try db.run("DELETE FROM session WHERE userID = ?", [userID])
      try db.audit("session.endAll", subject: try db.name(ofUser: userID))
      return count
    }
  }
}
