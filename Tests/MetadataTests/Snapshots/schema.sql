CREATE TRIGGER auditIsNeverChanged BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER auditIsNeverDeleted BEFORE DELETE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER auditIsNeverReplaced BEFORE INSERT ON audit
  WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER channelMemberAdded AFTER INSERT ON channelMember
  BEGIN UPDATE channel SET memberCount = memberCount + 1 WHERE id = new.channelID; END;

CREATE TRIGGER channelMemberRemoved AFTER DELETE ON channelMember
  BEGIN UPDATE channel SET memberCount = memberCount - 1 WHERE id = old.channelID; END;

CREATE TRIGGER packageAdded AFTER INSERT ON package
  BEGIN UPDATE channel SET packageCount = packageCount + 1 WHERE id = new.channelID; END;

CREATE TRIGGER packageRemoved AFTER DELETE ON package
  BEGIN UPDATE channel SET packageCount = packageCount - 1 WHERE id = old.channelID; END;

CREATE TRIGGER packageTextAdded AFTER INSERT ON package
  BEGIN
    INSERT INTO packageText (rowid, name, summary) VALUES (new.id, new.name, new.summary);
  END;

CREATE TRIGGER packageTextChanged AFTER UPDATE OF summary ON package WHEN old.summary IS NOT new.summary
  BEGIN
    INSERT INTO packageText (packageText, rowid, name, summary)
    VALUES ('delete', old.id, old.name, old.summary);
    INSERT INTO packageText (rowid, name, summary) VALUES (new.id, new.name, new.summary);
  END;

CREATE TRIGGER packageTextRemoved AFTER DELETE ON package
  BEGIN
    INSERT INTO packageText (packageText, rowid, name, summary)
    VALUES ('delete', old.id, old.name, old.summary);
  END;

CREATE TRIGGER sessionEndsWithTheProfile AFTER DELETE ON profile
  BEGIN DELETE FROM session WHERE userID = OLD.userID; END;

CREATE TABLE apiKey (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  prefix TEXT NOT NULL CHECK (length(prefix) <= 12),
  description TEXT NOT NULL,
  createdOn INTEGER NOT NULL,
  expiresOn INTEGER,
  isDeleted INTEGER NOT NULL DEFAULT 0 CHECK (isDeleted IN (0, 1)),
  userID BLOB NOT NULL REFERENCES user (id),
  ownerID BLOB NOT NULL REFERENCES user (id),
  lastUsed INTEGER
) STRICT;

CREATE TABLE artifact (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  channelID INTEGER NOT NULL,
  packageID INTEGER NOT NULL,
  subdir TEXT NOT NULL CHECK (subdir <> ''),
  fileName TEXT NOT NULL CHECK (substr(fileName, -length(format) - 1) = '.' || format),
  format TEXT NOT NULL CHECK (format IN ('conda', 'tar.bz2')),
  version TEXT NOT NULL CHECK (version <> ''),
  versionKey BLOB NOT NULL,
  build TEXT NOT NULL,
  buildNumber INTEGER NOT NULL CHECK (buildNumber >= 0),
  size INTEGER NOT NULL CHECK (size >= 0),
  sha256 BLOB NOT NULL REFERENCES blob (sha256) CHECK (length(sha256) = 32),
  md5 BLOB NOT NULL CHECK (length(md5) = 16),
  uploaderID BLOB NOT NULL REFERENCES user (id),
  timeCreated INTEGER NOT NULL,
  timeModified INTEGER NOT NULL,
  indexedTimestamp INTEGER NOT NULL,
  downloadCount INTEGER NOT NULL DEFAULT 0 CHECK (downloadCount >= 0), placement TEXT NOT NULL DEFAULT 'packages'
  CHECK (placement IN ('packages', 'v3', 'removed')),
  UNIQUE (channelID, subdir, fileName),
  UNIQUE (packageID, format, subdir, version, build, buildNumber),
  FOREIGN KEY (packageID, channelID) REFERENCES package (id, channelID) ON DELETE CASCADE
) STRICT;

CREATE TABLE artifactRecord (
  artifactKey INTEGER PRIMARY KEY REFERENCES artifact (key) ON DELETE CASCADE,
  info TEXT NOT NULL CHECK (json_valid(info)),
  json TEXT NOT NULL CHECK (json_valid(json)),
  runExports TEXT CHECK (runExports IS NULL OR json_valid(runExports)),
  channelData TEXT NOT NULL CHECK (json_valid(channelData)),
  messagePack BLOB NOT NULL
) STRICT;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time INTEGER NOT NULL,
  actorID BLOB CHECK (length(actorID) = 16),
  action TEXT NOT NULL CHECK (action <> ''),
  channelID INTEGER,
  subject TEXT NOT NULL,
  detail TEXT CHECK (detail IS NULL OR json_valid(detail))
, keyID BLOB CHECK (length(keyID) = 16), address TEXT CHECK (address <> ''), channelName TEXT COLLATE NOCASE) STRICT;

CREATE TABLE blob (
  sha256 BLOB NOT NULL PRIMARY KEY CHECK (length(sha256) = 32),
  size INTEGER NOT NULL CHECK (size >= 0),
  touchedAt INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE channel (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
  description TEXT,
  isPrivate INTEGER NOT NULL CHECK (isPrivate IN (0, 1)),
  sizeLimit INTEGER CHECK (sizeLimit >= 0),
  ttl INTEGER NOT NULL CHECK (ttl >= 0),
  mirrorChannelURL TEXT CHECK (mirrorChannelURL <> ''),
  mirrorMode TEXT CHECK (mirrorMode IN ('proxy', 'mirror')),
  metadata TEXT CHECK (metadata IS NULL OR json_valid(metadata)),
  size INTEGER NOT NULL DEFAULT 0 CHECK (size >= 0),
  createdAt INTEGER NOT NULL, memberCount INTEGER NOT NULL DEFAULT 0, packageCount INTEGER NOT NULL DEFAULT 0,
  CHECK ((mirrorChannelURL IS NULL) = (mirrorMode IS NULL))
) STRICT;

CREATE TABLE channelMember (
  channelID INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  userID BLOB NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('member', 'maintainer', 'owner')),
  PRIMARY KEY (channelID, userID)
) STRICT, WITHOUT ROWID;

CREATE TABLE channelMirror (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  channelID INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  url TEXT NOT NULL UNIQUE CHECK (url <> ''),
  apiEndpoint TEXT NOT NULL CHECK (apiEndpoint <> ''),
  metricsEndpoint TEXT NOT NULL CHECK (metricsEndpoint <> ''),
  lastSynchronised INTEGER,
  createdAt INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE channelRelation (
  channelID INTEGER PRIMARY KEY REFERENCES channel (id) ON DELETE CASCADE,
  base TEXT CHECK (base <> ''),
  overrides TEXT CHECK (overrides <> ''),
  CHECK (base IS NOT overrides)
) STRICT;

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
, yankReason TEXT CHECK (yankReason <> ''), yankedAt INTEGER
  CHECK ((yankReason IS NULL) = (yankedAt IS NULL))) STRICT;

CREATE TABLE document (
  channelID INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  path TEXT NOT NULL CHECK (path <> ''),
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  size INTEGER NOT NULL CHECK (size >= 0),
  modifiedAt INTEGER NOT NULL,
  PRIMARY KEY (channelID, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE documentLayout (
  channelID INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  subdir TEXT NOT NULL,
  generation INTEGER NOT NULL,
  layout BLOB NOT NULL,
  PRIMARY KEY (channelID, subdir)
) STRICT, WITHOUT ROWID;

CREATE TABLE downloadBucket (
  artifactKey INTEGER NOT NULL REFERENCES artifact (key) ON DELETE CASCADE,
  period TEXT NOT NULL CHECK (period IN ('H', 'D', 'M', 'Y')),
  bucket INTEGER NOT NULL,
  channelID INTEGER NOT NULL,
  count INTEGER NOT NULL CHECK (count > 0),
  PRIMARY KEY (artifactKey, period, bucket)
) STRICT, WITHOUT ROWID;

CREATE TABLE formerFile (
  channelName TEXT NOT NULL COLLATE NOCASE,
  subdir TEXT NOT NULL,
  fileName TEXT NOT NULL,
  PRIMARY KEY (channelName, subdir, fileName)
) STRICT, WITHOUT ROWID;

CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);

CREATE TABLE identity (
  provider TEXT NOT NULL CHECK (provider <> ''),
  identityID TEXT NOT NULL CHECK (identityID <> ''),
  login TEXT NOT NULL,
  userID BLOB NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  PRIMARY KEY (provider, identityID)
) STRICT, WITHOUT ROWID;

CREATE TABLE "job" (
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

CREATE TABLE notice (
  channelID INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  id TEXT NOT NULL CHECK (id <> ''),
  message TEXT NOT NULL CHECK (message <> ''),
  level TEXT NOT NULL CHECK (level IN ('info', 'warning', 'critical')),
  createdAt INTEGER NOT NULL,
  expiresAt INTEGER NOT NULL,
  PRIMARY KEY (channelID, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE originalRecord (
  artifactKey INTEGER PRIMARY KEY REFERENCES artifact (key) ON DELETE CASCADE,
  json TEXT NOT NULL CHECK (json_valid(json)),
  runExports TEXT CHECK (runExports IS NULL OR json_valid(runExports)),
  messagePack BLOB NOT NULL,
  isRemoved INTEGER NOT NULL CHECK (isRemoved IN (0, 1))
) STRICT;

CREATE TABLE package (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channelID INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  name TEXT NOT NULL CHECK (name <> ''),
  summary TEXT,
  description TEXT,
  url TEXT,
  platforms TEXT CHECK (platforms <> ''),
  currentVersion TEXT,
  currentVersionKey BLOB,
  currentBuildNumber INTEGER,
  latestChange INTEGER,
  channelData TEXT CHECK (channelData IS NULL OR json_valid(channelData)),
  createdAt INTEGER NOT NULL,
  UNIQUE (channelID, name),
  UNIQUE (id, channelID),
  CHECK ((currentVersion IS NULL) = (currentVersionKey IS NULL)),
  CHECK ((currentVersion IS NULL) = (currentBuildNumber IS NULL)),
  CHECK ((currentVersion IS NULL) = (latestChange IS NULL)),
  CHECK ((currentVersion IS NULL) = (platforms IS NULL))
) STRICT;

CREATE TABLE packageMember (
  packageID INTEGER NOT NULL REFERENCES package (id) ON DELETE CASCADE,
  userID BLOB NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('member', 'maintainer', 'owner')),
  PRIMARY KEY (packageID, userID)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE packageText USING fts5(
  name, summary, content='package', content_rowid='id', tokenize='trigram', columnsize=0);

CREATE TABLE 'packageText_config'(k PRIMARY KEY, v) WITHOUT ROWID;

CREATE TABLE 'packageText_data'(id INTEGER PRIMARY KEY, block BLOB);

CREATE TABLE 'packageText_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;

CREATE TABLE patch (
  channelID INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  subdir TEXT NOT NULL CHECK (subdir <> ''),
  version INTEGER NOT NULL CHECK (version IN (1, 2)),
  origin TEXT CHECK (origin <> ''),
  createdAt INTEGER NOT NULL,
  PRIMARY KEY (channelID, subdir)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE profile (
  userID BLOB NOT NULL PRIMARY KEY REFERENCES user (id) ON DELETE CASCADE,
  name TEXT,
  avatarURL TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE retiredShard (
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  channelID INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  subdir TEXT NOT NULL,
  size INTEGER NOT NULL CHECK (size >= 0),
  retiredAt INTEGER NOT NULL,
  PRIMARY KEY (sha256, channelID, subdir)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  userID BLOB NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  provider TEXT NOT NULL CHECK (provider <> ''),
  createdAt INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
  key TEXT NOT NULL PRIMARY KEY CHECK (key <> ''),
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE shard (
  channelID INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  subdir TEXT NOT NULL,
  packageName TEXT NOT NULL,
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  size INTEGER NOT NULL CHECK (size >= 0),
  PRIMARY KEY (channelID, subdir, packageName)
) STRICT, WITHOUT ROWID;

CREATE TABLE staleName (
  channelID INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  subdir TEXT NOT NULL,
  packageName TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  PRIMARY KEY (channelID, subdir, packageName)
) STRICT, WITHOUT ROWID;

CREATE TABLE staleShard (
  channelID INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  subdir TEXT NOT NULL,
  packageName TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  PRIMARY KEY (channelID, subdir, packageName)
) STRICT, WITHOUT ROWID;

CREATE TABLE subdirState (
  channelID INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  subdir TEXT NOT NULL CHECK (subdir <> ''),
  generation INTEGER NOT NULL,
  documentsGeneration INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (channelID, subdir),
  CHECK (0 <= documentsGeneration AND documentsGeneration <= generation)
) STRICT, WITHOUT ROWID;

CREATE TABLE task (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  jobID INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  status TEXT NOT NULL CHECK (status IN ('created', 'pending', 'running', 'success', 'failed', 'skipped')),
  createdAt INTEGER NOT NULL
) STRICT;

CREATE TABLE user (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  username TEXT UNIQUE CHECK (username <> ''),
  role TEXT CHECK (role IN ('member', 'maintainer', 'owner')),
  createdAt INTEGER NOT NULL,
  CHECK (username IS NOT NULL OR role IS NULL)
) STRICT, WITHOUT ROWID;

CREATE TABLE yank (
  artifactKey INTEGER PRIMARY KEY REFERENCES artifact (key) ON DELETE CASCADE,
  reason TEXT NOT NULL CHECK (reason <> ''),
  yankedAt INTEGER NOT NULL
) STRICT;

CREATE INDEX apiKeyByOwner ON apiKey (ownerID);

CREATE INDEX apiKeyByUser ON apiKey (userID);

CREATE INDEX artifactByBlob ON artifact (sha256);

CREATE INDEX artifactByTime ON artifact (channelID, subdir, timeModified);

CREATE INDEX artifactByVersion ON artifact (packageID, subdir, placement, versionKey);

CREATE INDEX artifactInRepodata ON artifact (channelID, subdir, placement, format, fileName);

CREATE INDEX artifactInShard ON artifact (packageID, subdir, fileName);

CREATE INDEX auditByAction ON audit (action, id);

CREATE INDEX auditByActor ON audit (actorID, id);

CREATE INDEX auditByChannel ON audit (channelID, id);

CREATE INDEX auditByChannelName ON audit (channelName, id);

CREATE INDEX channelMemberByUser ON channelMember (userID, channelID);

CREATE INDEX channelMirrorByChannel ON channelMirror (channelID, createdAt);

CREATE INDEX deletedArtifactByBlob ON deletedArtifact (sha256);

CREATE INDEX deletedArtifactByFile ON deletedArtifact (channelID, subdir, fileName, deletedAt);

CREATE INDEX deletedArtifactByTime ON deletedArtifact (deletedAt);

CREATE INDEX documentByDigest ON document (sha256);

CREATE INDEX downloadBucketByChannel ON downloadBucket (channelID, period, bucket);

CREATE INDEX identityByUser ON identity (userID);

CREATE INDEX jobByChannel ON job (channelID);

CREATE INDEX jobByOwner ON job (ownerID, state, id);

CREATE INDEX jobByState ON job (state, id);

CREATE INDEX jobDue ON job (state, runAt);

CREATE UNIQUE INDEX jobWaiting ON job (name, deduplicationKey) WHERE state = 'waiting';

CREATE INDEX packageByChange ON package (channelID, latestChange);

CREATE INDEX packageMemberByUser ON packageMember (userID, packageID);

CREATE INDEX retiredShardByChannel ON retiredShard (channelID);

CREATE INDEX retiredShardByTime ON retiredShard (retiredAt);

CREATE INDEX sessionByAge ON session (createdAt);

CREATE INDEX sessionByUser ON session (userID);

CREATE INDEX shardByDigest ON shard (sha256, channelID, subdir);

CREATE INDEX subdirStateBehind ON subdirState (channelID) WHERE documentsGeneration < generation;

CREATE INDEX taskByJob ON task (jobID, status, id);
