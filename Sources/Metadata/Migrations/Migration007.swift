internal import GRDB

/// What was deleted while it was yanked comes back yanked.
enum Migration007 {
  static func register(in migrator: inout DatabaseMigrator) {
    migrator.registerMigration("007") { db in
      try db.execute(
        sql: """
          ALTER TABLE deletedArtifact ADD COLUMN yankReason TEXT CHECK (yankReason <> '');
          ALTER TABLE deletedArtifact ADD COLUMN yankedAt INTEGER
            CHECK ((yankReason IS NULL) = (yankedAt IS NULL));
          """)
    }
  }
}
