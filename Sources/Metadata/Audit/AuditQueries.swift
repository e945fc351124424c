import CondaTypes
import Foundation
internal import GRDB

extension MetadataStore {
  /// Writes a line into the audit log. Nobody can change or delete it, not even with SQL.
  public func appendAudit(_ entry: AuditEntry) async throws(MetadataError) {
    try await write { db in try db.appendAudit(entry) }
  }

  /// The newest lines of the audit log, newest first.
  ///
  /// - Parameter channelID: Only those about this channel; nil is all.
  public func audit(channelID: Int64?, limit: Int) async throws(MetadataError) -> [AuditRow] {
    var filter = AuditFilter()
    filter.channelID = channelID
    return try await audit(filter, skip: 0, limit: limit).rows
  }

  /// A page of the audit log, newest first, and how many lines there are in all.
  ///
  /// - Parameter limit: At most so many; nil is all.
  public func audit(
    _ filter: AuditFilter, skip: Int, limit: Int?
  ) async throws(MetadataError) -> (rows: [AuditRow], total: Int) {
    try await read { db in
      let (condition, arguments) = filter.sql
      let total = try Int.fetchOne(
        db, sql: "SELECT count(*) FROM audit WHERE \(condition)", arguments: arguments)
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT audit.*, user.username AS actorName FROM audit LEFT JOIN user ON user.id = audit.actorID
          WHERE \(condition) ORDER BY audit.id DESC LIMIT :limit OFFSET :skip
          """, arguments: arguments &+ ["limit": limit ?? -1, "skip": skip])
      return (try rows.map(AuditRow.init(row:)), total ?? 0)
    }
  }
}

extension Database {
  /// Writes a line about what the current request, or the server itself, does.
  func audit(
    _ action: String, channelID: Int64? = nil, subject: String, detail: [String: JSONValue] = [:]
  ) throws {
    try appendAudit(
      AuditEntry(
        time: AuditOrigin.current?.time ?? Date(), actorID: nil, action: action, channelID: channelID,
        subject: subject, detail: detail.isEmpty ? nil : JSONValue.object(detail).canonicalText()))
  }

  func appendAudit(_ entry: AuditEntry) throws {
    let origin = AuditOrigin.current
    try run(
      """
      INSERT INTO audit (time, actorID, action, channelID, subject, detail, keyID, address, channelName)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT name FROM channel WHERE id = ?))
      """,
      [
        entry.time.milliseconds, entry.actorID ?? origin?.actorID, entry.action, entry.channelID,
        entry.subject, entry.detail, origin?.keyID, origin?.address, entry.channelID,
      ])
  }

  /// How audit lines call a user: by name, or by ID where there is none.
  func name(ofUser id: UUID) throws -> String {
    let row = try one("SELECT username FROM user WHERE id = ?", [id])
    let name = try row.flatMap { row -> String? in try row.value("username") }
    return name ?? id.uuidString.lowercased()
  }
}
