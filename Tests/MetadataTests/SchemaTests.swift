import Foundation
import GRDB
import Testing

@testable import Metadata

@Suite struct SchemaTests {
  @Test func anEmptyFileIsMigratedOnce() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "metadata-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try MetadataStore.open(at: folder.appendingPathComponent("new.sqlite").path)
    #expect(try store.hasPendingMigrations())
    try store.migrate()
    #expect(try !store.hasPendingMigrations())
    try store.migrate()
    #expect(try await store.userCount() == 0)
    try store.close()
  }

  @Test func refusesADatabaseOfANewerRelease() async throws {
    let test = try await TestStore()
    _ = try await test.store.write { db in
      try db.run("INSERT INTO grdb_migrations (identifier) VALUES ('999')")
    }
    #expect(throws: MetadataError.self) { try test.store.hasPendingMigrations() }
    #expect(throws: MetadataError.self) { try test.store.migrate() }
  }

  @Test func refusesAFileThatIsNoDatabase() async throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("metadata-\(UUID().uuidString)")
    try Data(repeating: 0x41, count: 8192).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let kind = await errorKind { () throws(MetadataError) in _ = try MetadataStore.open(at: file.path) }
    #expect(kind == .damaged)
  }

  /// The snapshot is what a new database looks like. When this fails because of a new migration, write the
  /// new text into the file (the failure shows it); a released migration must never change it.
  @Test func theSchemaIsTheOneOnRecord() async throws {
    let test = try await TestStore()
    let schema = try await test.store.read { db in
      try String.fetchAll(
        db,
        sql: """
          SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
          ORDER BY type DESC, name
          """)
    }
    let snapshot = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Snapshots/schema.sql")
    let text = schema.map { $0 + ";\n" }.joined(separator: "\n")
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
      try text.write(to: snapshot, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: snapshot, encoding: .utf8) == text)
  }

  @Test func everyTableIsStrict() async throws {
    let test = try await TestStore()
    let loose = try await test.text(
      """
      SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict
        AND name NOT LIKE 'sqlite_%' AND name <> 'grdb_migrations'
      """)
    #expect(loose.isEmpty)
  }

  @Test func connectionsAreDurableAndCheckForeignKeys() async throws {
    let test = try await TestStore()
    let settings = try await test.store.write { db in
      try ["journal_mode", "synchronous", "foreign_keys", "busy_timeout"].map { pragma in
        try String.fetchOne(db, sql: "PRAGMA \(pragma)") ?? ""
      }
    }
    #expect(settings == ["wal", "2", "1", "5000"])
    #expect(try await test.text("PRAGMA foreign_keys") == ["1"])
  }
}
