internal import GRDB

extension MetadataStore {
  /// A value that belongs to this database as a whole, e.g. the secret that signs sessions.
  public func value(of key: String) async throws(MetadataError) -> String? {
    try await read { db in try db.setting(key) }
  }

  /// Sets such a value, in place of the one there may be.
  public func setValue(_ value: String, of key: String) async throws(MetadataError) {
    try await write { db in try db.set(key, to: value) }
  }
}

extension Database {
  func setting(_ key: String) throws -> String? {
    try one("SELECT value FROM setting WHERE key = ?", [key]).map { row in try row.value("value") }
  }

  func set(_ key: String, to value: String) throws {
    try run(
      "INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
      [key, value])
  }
}
