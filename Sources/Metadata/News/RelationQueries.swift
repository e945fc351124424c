public import CondaTypes
internal import GRDB

extension MetadataStore {
  /// The channels that a channel builds upon or stands in front of.
  public func relations(channelID: Int64) async throws(MetadataError) -> ChannelRelations {
    try await read { db in try db.relations(channelID: channelID) }
  }

  /// Declares relations, instead of those declared before; shard indexes follow in the same transaction, repodata is
  /// behind from then on.
  ///
  /// - Throws: `.notFound` if the channel is gone.
  public func setRelations(
    _ relations: ChannelRelations, channelID: Int64
  ) async throws(MetadataError) {
    try await write { db in
      _ = try db.requireChannel(id: channelID)
      try db.run("DELETE FROM channelRelation WHERE channelID = ?", [channelID])
      if relations.json != nil {
        try db.run(
          "INSERT INTO channelRelation (channelID, base, overrides) VALUES (?, ?, ?)",
          [channelID, relations.base, relations.overrides])
      }
      for row in try db.all("SELECT subdir FROM subdirState WHERE channelID = ?", [channelID]) {
        // A mark of no package: nothing but the index itself is made again.
        try db.markStale(channelID: channelID, subdir: row.value("subdir"), packageName: "")
      }
      try db.audit(
        "channel.relations", channelID: channelID, subject: "channel_relations",
        detail: relations.json?.asObject ?? [:])
    }
  }
}

extension Database {
  func relations(channelID: Int64) throws -> ChannelRelations {
    let row = try one("SELECT base, overrides FROM channelRelation WHERE channelID = ?", [channelID])
    return ChannelRelations(storedBase: try row?.value("base"), overrides: try row?.value("overrides"))
  }
}
