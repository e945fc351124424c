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
    try await read { db in
      let rows =
        if let channelID {
          try db.all("SELECT * FROM audit WHERE channelID = ? ORDER BY id DESC LIMIT ?", [channelID, limit])
        } else {
          try db.all("SELECT * FROM audit ORDER BY id DESC LIMIT ?", [limit])
        }
      return try rows.map(AuditRow.init(row:))
    }
  }
}

extension Database {
  func appendAudit(_ entry: AuditEntry) throws {
    try run(
      "INSERT INTO audit (time, actorID, action, channelID, subject, detail) VALUES (?, ?, ?, ?, ?, ?)",
      [
        entry.time.milliseconds, entry.actorID, entry.action, entry.channelID, entry.subject, entry.detail,
      ])
  }
}
