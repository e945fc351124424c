internal import GRDB

/// Audit lines say from where and with which key; sessions can be ended.
///
/// A session ends with its user: deleting a user removes the profile, and the trigger the sessions. The audit log's
/// third trigger shuts the last way to change a line: `INSERT OR REPLACE` deletes without a delete trigger.
enum Migration003 {
  static func register(in migrator: inout DatabaseMigrator) {
    migrator.registerMigration("003") { db in
      for statements in [audit, sessions] { try db.execute(sql: statements) }
    }
  }

  private static let audit = """
    ALTER TABLE audit ADD COLUMN keyID BLOB CHECK (length(keyID) = 16);
    ALTER TABLE audit ADD COLUMN address TEXT CHECK (address <> '');
    ALTER TABLE audit ADD COLUMN channelName TEXT COLLATE NOCASE;
    CREATE INDEX auditByChannelName ON audit (channelName, id);
    CREATE INDEX auditByActor ON audit (actorID, id);
    CREATE INDEX auditByAction ON audit (action, id);
    CREATE TRIGGER auditIsNeverReplaced BEFORE INSERT ON audit
      WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
    """

  private static let sessions = """
    CREATE TABLE session (
      id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
      userID BLOB NOT NULL REFERENCES user (id) ON DELETE CASCADE,
      provider TEXT NOT NULL CHECK (provider <> ''),
      createdAt INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX sessionByUser ON session (userID);
    CREATE INDEX sessionByAge ON session (createdAt);
    CREATE TRIGGER sessionEndsWithTheProfile AFTER DELETE ON profile
      BEGIN DELETE FROM session WHERE userID = OLD.userID; END;
    """
}
