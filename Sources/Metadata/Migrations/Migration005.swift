internal import GRDB

/// Where each record stands in the index, yanks, repodata patches, and what a channel says to its clients.
///
/// `artifactRecord` holds what the index shows. Where a patch changes a record, `originalRecord` keeps what it was, so
/// that building the index asks for nothing more, and taking a patch back is a copy.
enum Migration005 {
  static func register(in migrator: inout DatabaseMigrator) {
    migrator.registerMigration("005") { db in
      for statements in [placement, yanks, patches, channels, catchUp] { try db.execute(sql: statements) }
    }
  }

  /// `packages`: in the maps that all clients read; `v3`: apart (CEP 48); `removed`: only the file's name is listed.
  private static let placement = """
    ALTER TABLE artifact ADD COLUMN placement TEXT NOT NULL DEFAULT 'packages'
      CHECK (placement IN ('packages', 'v3', 'removed'));
    DROP INDEX artifactInRepodata;
    CREATE INDEX artifactInRepodata ON artifact (channelID, subdir, placement, format, fileName);
    CREATE INDEX artifactByVersion ON artifact (packageID, subdir, placement, versionKey);
    """

  private static let yanks = """
    CREATE TABLE yank (
      artifactKey INTEGER PRIMARY KEY REFERENCES artifact (key) ON DELETE CASCADE,
      reason TEXT NOT NULL CHECK (reason <> ''),
      yankedAt INTEGER NOT NULL
    ) STRICT;
    """

  private static let patches = """
    CREATE TABLE patch (
      channelID INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
      subdir TEXT NOT NULL CHECK (subdir <> ''),
      version INTEGER NOT NULL CHECK (version IN (1, 2)),
      origin TEXT CHECK (origin <> ''),
      createdAt INTEGER NOT NULL,
      PRIMARY KEY (channelID, subdir)
    ) STRICT, WITHOUT ROWID;

    -- One line per file that a patch names, so that an upload reads what concerns it and no more.
    CREATE TABLE patchInstruction (
      channelID INTEGER NOT NULL,
      subdir TEXT NOT NULL,
      fileName TEXT NOT NULL,
      changes TEXT CHECK (changes IS NULL OR json_valid(changes)),
      isRevoked INTEGER NOT NULL DEFAULT 0 CHECK (isRevoked IN (0, 1)),
      isRemoved INTEGER NOT NULL DEFAULT 0 CHECK (isRemoved IN (0, 1)),
      PRIMARY KEY (channelID, subdir, fileName),
      FOREIGN KEY (channelID, subdir) REFERENCES patch (channelID, subdir) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE originalRecord (
      artifactKey INTEGER PRIMARY KEY REFERENCES artifact (key) ON DELETE CASCADE,
      json TEXT NOT NULL CHECK (json_valid(json)),
      runExports TEXT CHECK (runExports IS NULL OR json_valid(runExports)),
      messagePack BLOB NOT NULL,
      isRemoved INTEGER NOT NULL CHECK (isRemoved IN (0, 1))
    ) STRICT;
    """

  private static let channels = """
    CREATE TABLE notice (
      channelID INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
      id TEXT NOT NULL CHECK (id <> ''),
      message TEXT NOT NULL CHECK (message <> ''),
      level TEXT NOT NULL CHECK (level IN ('info', 'warning', 'critical')),
      createdAt INTEGER NOT NULL,
      expiresAt INTEGER NOT NULL,
      PRIMARY KEY (channelID, id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE channelRelation (
      channelID INTEGER PRIMARY KEY REFERENCES channel (id) ON DELETE CASCADE,
      base TEXT CHECK (base <> ''),
      overrides TEXT CHECK (overrides <> ''),
      CHECK (base IS NOT overrides)
    ) STRICT;
    """

  /// Records that stood where older clients cannot read them move; every subdir gets the documents it has not had yet.
  private static let catchUp = """
    UPDATE artifact SET placement = 'v3' WHERE key IN (
      SELECT artifactKey FROM artifactRecord WHERE json_extract(info, '$.schema_version') >= 3);
    UPDATE subdirState SET generation = generation + 1;
    INSERT OR REPLACE INTO staleShard (channelID, subdir, packageName, sequence)
    SELECT DISTINCT artifact.channelID, artifact.subdir, package.name, subdirState.generation
    FROM artifact JOIN package ON package.id = artifact.packageID
    JOIN subdirState ON subdirState.channelID = artifact.channelID AND subdirState.subdir = artifact.subdir
    WHERE artifact.placement = 'v3';
    """
}
