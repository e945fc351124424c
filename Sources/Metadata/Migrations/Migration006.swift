internal import GRDB

/// What large documents are put together from, and which names changed since: so that the next ones cost what changed.
enum Migration006 {
  static func register(in migrator: inout DatabaseMigrator) {
    migrator.registerMigration("006") { db in try db.execute(sql: documents) }
  }

  private static let documents = """
    -- Like staleShard, but until the documents show the change.
    CREATE TABLE staleName (
      channelID INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
      subdir TEXT NOT NULL,
      packageName TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      PRIMARY KEY (channelID, subdir, packageName)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE documentLayout (
      channelID INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
      subdir TEXT NOT NULL,
      generation INTEGER NOT NULL,
      layout BLOB NOT NULL,
      PRIMARY KEY (channelID, subdir)
    ) STRICT, WITHOUT ROWID;
    """
}
