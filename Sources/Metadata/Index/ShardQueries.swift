public import CondaTypes
public import Foundation
internal import GRDB

extension MetadataStore {
  /// The packages whose shards are behind, those of one subdir together.
  ///
  /// - Parameter limit: At most so many; nil is all.
  public func markedShards(limit: Int? = nil) async throws(MetadataError) -> [IndexMark] {
    try await read { db in
      try db.all("SELECT * FROM staleShard ORDER BY channelID, subdir, packageName LIMIT ?", [limit ?? -1])
        .map(IndexMark.init(row:))
    }
  }

  /// The packages of one subdir whose shards are behind, sorted by name.
  public func markedShards(channelID: Int64, subdir: String) async throws(MetadataError) -> [IndexMark] {
    try await read { db in
      try db.all(
        "SELECT * FROM staleShard WHERE channelID = ? AND subdir = ? ORDER BY packageName",
        [channelID, subdir]
      ).map(IndexMark.init(row:))
    }
  }

  /// The subdirs with packages whose shards are behind.
  public func subdirsWithMarks() async throws(MetadataError) -> [(channelID: Int64, subdir: String)] {
    try await read { db in
      try db.all("SELECT DISTINCT channelID, subdir FROM staleShard ORDER BY channelID, subdir")
        .map { row in (try row.value("channelID"), try row.value("subdir")) }
    }
  }

  /// Whether a subdir has a shard index and nothing in it is marked as behind.
  public func isShardIndexCurrent(channelID: Int64, subdir: String) async throws(MetadataError) -> Bool {
    try await read { db in
      let row = try db.one(
        """
        SELECT EXISTS (SELECT 1 FROM staleShard WHERE channelID = :channelID AND subdir = :subdir) AS isBehind,
          EXISTS (SELECT 1 FROM document WHERE channelID = :channelID
            AND path = :subdir || '/repodata_shards.msgpack.zst') AS isThere
        """, ["channelID": channelID, "subdir": subdir])
      return try row?.value("isBehind") == false && row?.value("isThere") == true
    }
  }

  /// What a package's shard is made of, sorted by file name (bytes); empty if the package has nothing in the
  /// subdir.
  public func shardRecords(
    channelID: Int64, subdir: String, packageName: String
  ) async throws(MetadataError) -> [IndexRecord] {
    try await read { db in
      try db.indexRecords(channelID: channelID, subdir: subdir, packageName: packageName)
    }
  }

  /// The current shards of a subdir, sorted by package name (bytes).
  public func shards(channelID: Int64, subdir: String) async throws(MetadataError) -> [ShardRow] {
    try await read { db in
      try db.all(
        """
        SELECT packageName, sha256, size FROM shard WHERE channelID = ? AND subdir = ? ORDER BY packageName
        """, [channelID, subdir]
      ).map(ShardRow.init(row:))
    }
  }

  /// Makes new shards and the documents that name them current, and clears the marks they answer.
  ///
  /// A mark that was set again since it was read stays, and so does one of another subdir. Shards that are no
  /// longer current are kept as retired, for clients that still have an older shard index.
  /// - Throws: `.notFound` if the channel is gone.
  public func commitIndex(_ update: IndexUpdate) async throws(MetadataError) {
    try await write { db in
      _ = try db.requireChannel(id: update.channelID)
      try db.apply(update)
    }
  }

  /// The size of a shard that is current, or was until not long ago; nil if there is none.
  public func shardExists(
    channelID: Int64, subdir: String, sha256: Digest
  ) async throws(MetadataError) -> Int64? {
    try await read { db in
      try db.one(
        ShardRow.selectSize, ["sha256": sha256.stored, "channelID": channelID, "subdir": subdir]
      ).map { row in try row.value("size") }
    }
  }

  /// Forgets the shards retired before a time; returns those that nothing refers to now, whose bytes may be
  /// deleted.
  public func purgeRetiredShards(before time: Date) async throws(MetadataError) -> [Digest] {
    try await write { db in
      let candidates = try db.all(
        "SELECT DISTINCT sha256 FROM retiredShard WHERE retiredAt < ?", [time.milliseconds])
      try db.run("DELETE FROM retiredShard WHERE retiredAt < ?", [time.milliseconds])
      return try candidates.compactMap { row in
        let digest = try row.sha256("sha256")
        return try db.isDocumentDigestReferenced(digest) ? nil : digest
      }
    }
  }
}

extension IndexRecord {
  static let select = """
    SELECT artifact.fileName, artifact.format, artifact.placement, artifactRecord.messagePack FROM artifact
    JOIN artifactRecord ON artifactRecord.artifactKey = artifact.key
    WHERE artifact.packageID = (SELECT id FROM package WHERE channelID = ? AND name = ?)
      AND artifact.subdir = ?
    ORDER BY artifact.fileName
    """
}

extension ShardRow {
  /// Left alone, SQLite reads all shards of the subdir for this, through their primary key.
  static let selectSize = """
    SELECT size FROM shard INDEXED BY shardByDigest
    WHERE sha256 = :sha256 AND channelID = :channelID AND subdir = :subdir
    UNION ALL
    SELECT size FROM retiredShard WHERE sha256 = :sha256 AND channelID = :channelID AND subdir = :subdir
    LIMIT 1
    """
}

extension Database {
  func indexRecords(channelID: Int64, subdir: String, packageName: String) throws -> [IndexRecord] {
    try all(IndexRecord.select, [channelID, packageName, subdir]) { row in
      // Copied once: a package may have a thousand records.
      let messagePack = try row.withUnsafeData(atIndex: 3) { [UInt8]($0 ?? Data()) }
      return IndexRecord(
        fileName: try row.decode(atIndex: 0), format: try row.decode(atIndex: 1),
        placement: try row.placement("placement"), messagePack: messagePack)
    }
  }

  /// Makes new shards and documents current and clears the marks they answer.
  func apply(_ update: IndexUpdate) throws {
    for shard in update.shards { try setShard(shard, in: update) }
    for name in update.removedShards {
      try retireShard(of: name, unless: nil, in: update)
      try run(
        "DELETE FROM shard WHERE channelID = ? AND subdir = ? AND packageName = ?",
        [update.channelID, update.subdir, name])
    }
    for document in update.documents { try setDocument(document, now: update.now) }
    for mark in update.clearedMarks where (mark.channelID, mark.subdir) == (update.channelID, update.subdir) {
      try run(
        "DELETE FROM staleShard WHERE channelID = ? AND subdir = ? AND packageName = ? AND sequence = ?",
        [mark.channelID, mark.subdir, mark.packageName, mark.sequence])
    }
  }

  fileprivate func setShard(_ shard: ShardRow, in update: IndexUpdate) throws {
    if !update.firstShards.contains(shard.packageName) {
      try retireShard(of: shard.packageName, unless: shard.sha256, in: update)
    }
    try run(
      """
      INSERT INTO shard (channelID, subdir, packageName, sha256, size) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET sha256 = excluded.sha256, size = excluded.size
      """, [update.channelID, update.subdir, shard.packageName, shard.sha256.stored, shard.size])
  }

  /// Keeps the present shard of a package as a retired one, unless it has a given digest.
  fileprivate func retireShard(of packageName: String, unless digest: Digest?, in update: IndexUpdate) throws
  {
    try run(
      """
      INSERT INTO retiredShard (sha256, channelID, subdir, size, retiredAt)
      SELECT sha256, channelID, subdir, size, ? FROM shard
      WHERE channelID = ? AND subdir = ? AND packageName = ? AND sha256 IS NOT ?
      ON CONFLICT DO UPDATE SET retiredAt = excluded.retiredAt
      """,
      [update.now.milliseconds, update.channelID, update.subdir, packageName, digest?.stored])
  }
}
