public import CondaTypes
internal import GRDB

extension MetadataStore {
  /// The subdirs, by channel, that are to be made again if the files with these bytes are gone. For what is in a channel's
  /// root that is `noarch`: it is made together with any of them.
  public func subdirs(withFiles digests: [Digest]) async throws(MetadataError) -> [Int64: Set<String>] {
    try await read { db in
      var subdirs: [Int64: Set<String>] = [:]
      for digest in digests {
        for row in try db.all(Self.subdirsWithFile, ["sha256": digest.stored]) {
          subdirs[try row.value("channelID"), default: []].insert(try row.value("subdir"))
        }
      }
      return subdirs
    }
  }

  /// Forgets the retired shards with these bytes, which cannot be made again, unless a current one has them too.
  ///
  /// - Returns: The channels that had one.
  public func forgetRetiredShards(_ digests: [Digest]) async throws(MetadataError) -> Set<Int64> {
    try await write { db in
      var channelIDs: Set<Int64> = []
      for digest in digests {
        let rows = try db.all(
          """
          DELETE FROM retiredShard
          WHERE sha256 = :sha256 AND NOT EXISTS (SELECT 1 FROM shard WHERE sha256 = :sha256)
          RETURNING channelID
          """, ["sha256": digest.stored])
        for row in rows { channelIDs.insert(try row.value("channelID")) }
      }
      return channelIDs
    }
  }

  static let subdirsWithFile = """
    SELECT channelID, subdir FROM shard WHERE sha256 = :sha256
    UNION
    SELECT channelID, iif(instr(path, '/') > 0, substr(path, 1, instr(path, '/') - 1), 'noarch') AS subdir
    FROM document WHERE sha256 = :sha256
    """
}
