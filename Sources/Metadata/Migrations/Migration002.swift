internal import GRDB

/// Counts that listings read, the text index of the search, mirrors, download series, jobs with tasks, and what was
/// deleted and may be restored.
///
/// A bucket of a series is the time its hour, day, month or year began (UTC).
enum Migration002 {
  static func register(in migrator: inout DatabaseMigrator) {
    migrator.registerMigration("002") { db in
      for statements in [counts, text, mirrors, series, jobs, deleted] { try db.execute(sql: statements) }
    }
  }

  /// Kept by triggers, so that a listing of channels counts nothing.
  private static let counts = """
    ALTER TABLE channel ADD COLUMN memberCount INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE channel ADD COLUMN packageCount INTEGER NOT NULL DEFAULT 0;
    UPDATE channel SET
      memberCount = (SELECT count(*) FROM channelMember WHERE channelID = channel.id),
      packageCount = (SELECT count(*) FROM package WHERE channelID = channel.id);
    CREATE TRIGGER channelMemberAdded AFTER INSERT ON channelMember
      BEGIN UPDATE channel SET memberCount = memberCount + 1 WHERE id = new.channelID; END;
    CREATE TRIGGER channelMemberRemoved AFTER DELETE ON channelMember
      BEGIN UPDATE channel SET memberCount = memberCount - 1 WHERE id = old.channelID; END;
    CREATE TRIGGER packageAdded AFTER INSERT ON package
      BEGIN UPDATE channel SET packageCount = packageCount + 1 WHERE id = new.channelID; END;
    CREATE TRIGGER packageRemoved AFTER DELETE ON package
      BEGIN UPDATE channel SET packageCount = packageCount - 1 WHERE id = old.channelID; END;
    CREATE INDEX packageByChange ON package (channelID, latestChange);
    """

  /// Every run of three characters of names and summaries, so that parts of them are found without a scan.
  private static let text = """
    CREATE VIRTUAL TABLE packageText USING fts5(
      name, summary, content='package', content_rowid='id', tokenize='trigram', columnsize=0);
    INSERT INTO packageText (packageText) VALUES ('rebuild');
    CREATE TRIGGER packageTextAdded AFTER INSERT ON package
      BEGIN
        INSERT INTO packageText (rowid, name, summary) VALUES (new.id, new.name, new.summary);
      END;
    CREATE TRIGGER packageTextRemoved AFTER DELETE ON package
      BEGIN
        INSERT INTO packageText (packageText, rowid, name, summary)
        VALUES ('delete', old.id, old.name, old.summary);
      END;
    CREATE TRIGGER packageTextChanged AFTER UPDATE OF summary ON package WHEN old.summary IS NOT new.summary
      BEGIN
        INSERT INTO packageText (packageText, rowid, name, summary)
        VALUES ('delete', old.id, old.name, old.summary);
        INSERT INTO packageText (rowid, name, summary) VALUES (new.id, new.name, new.summary);
      END;
    """

  private static let mirrors = """
    CREATE TABLE channelMirror (
      id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
      channelID INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
      url TEXT NOT NULL UNIQUE CHECK (url <> ''),
      apiEndpoint TEXT NOT NULL CHECK (apiEndpoint <> ''),
      metricsEndpoint TEXT NOT NULL CHECK (metricsEndpoint <> ''),
      lastSynchronised INTEGER,
      createdAt INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX channelMirrorByChannel ON channelMirror (channelID, createdAt);
    """

  private static let series = """
    CREATE TABLE downloadBucket (
      artifactKey INTEGER NOT NULL REFERENCES artifact (key) ON DELETE CASCADE,
      period TEXT NOT NULL CHECK (period IN ('H', 'D', 'M', 'Y')),
      bucket INTEGER NOT NULL,
      channelID INTEGER NOT NULL,
      count INTEGER NOT NULL CHECK (count > 0),
      PRIMARY KEY (artifactKey, period, bucket)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX downloadBucketByChannel ON downloadBucket (channelID, period, bucket);
    """

  private static let jobs = """
    CREATE TABLE newJob (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL CHECK (name <> ''),
      payload TEXT NOT NULL CHECK (json_valid(payload)),
      deduplicationKey TEXT,
      state TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'running', 'succeeded', 'failed', 'cancelled')),
      runAt INTEGER NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
      leaseUntil INTEGER,
      lastError TEXT,
      createdAt INTEGER NOT NULL,
      ownerID BLOB REFERENCES user (id),
      channelID INTEGER REFERENCES channel (id) ON DELETE CASCADE,
      itemsSpec TEXT,
      startAt INTEGER,
      repeatSeconds INTEGER CHECK (repeatSeconds > 0),
      failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
      CHECK ((leaseUntil IS NOT NULL) = (state = 'running'))
    ) STRICT;
    INSERT INTO newJob
      (id, name, payload, deduplicationKey, state, runAt, attempts, leaseUntil, lastError, createdAt)
    SELECT id, name, payload, deduplicationKey, state, runAt, attempts, leaseUntil, lastError, createdAt FROM job;
    DROP TABLE job;
    ALTER TABLE newJob RENAME TO job;
    CREATE UNIQUE INDEX jobWaiting ON job (name, deduplicationKey) WHERE state = 'waiting';
    CREATE INDEX jobDue ON job (state, runAt);
    CREATE INDEX jobByState ON job (state, id);
    CREATE INDEX jobByOwner ON job (ownerID, state, id);
    CREATE INDEX jobByChannel ON job (channelID);

    CREATE TABLE task (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      jobID INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
      status TEXT NOT NULL CHECK (status IN ('created', 'pending', 'running', 'success', 'failed', 'skipped')),
      createdAt INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX taskByJob ON task (jobID, status, id);
    """

  private static let deleted = """
    CREATE TABLE deletedArtifact (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      channelID INTEGER NOT NULL,
      channelName TEXT NOT NULL,
      packageName TEXT NOT NULL,
      summary TEXT,
      description TEXT,
      subdir TEXT NOT NULL,
      fileName TEXT NOT NULL,
      format TEXT NOT NULL,
      version TEXT NOT NULL,
      build TEXT NOT NULL,
      buildNumber INTEGER NOT NULL,
      size INTEGER NOT NULL,
      sha256 BLOB NOT NULL REFERENCES blob (sha256),
      md5 BLOB NOT NULL CHECK (length(md5) = 16),
      uploaderID BLOB NOT NULL,
      timeCreated INTEGER NOT NULL,
      downloadCount INTEGER NOT NULL,
      info TEXT NOT NULL,
      runExports TEXT,
      channelData TEXT NOT NULL,
      deletedAt INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX deletedArtifactByFile ON deletedArtifact (channelID, subdir, fileName, deletedAt);
    CREATE INDEX deletedArtifactByBlob ON deletedArtifact (sha256);
    CREATE INDEX deletedArtifactByTime ON deletedArtifact (deletedAt);
    """
}
