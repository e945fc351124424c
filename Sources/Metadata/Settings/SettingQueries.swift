internal import GRDB

extension MetadataStore {
  /// A value that belongs to this database as a whole, e.g. the secret that signs sessions.
  public func value(of key: String) async throws(MetadataError) -> String? {
    try await read { db in
      try db.one("SELECT value FROM setting WHERE key = ?", [key]).map { row in try row.value("value") }
    }
  }

  /// Sets such a value, in place of the one there may be.
  public func setValue(_ value: String, of key: String) async throws(MetadataError) {
    try await write { db in
      _ = try db.run(
        "INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        [key, value])
    }
  }
}
