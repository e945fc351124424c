public import Foundation
internal import GRDB

extension MetadataStore {
  /// Registers a mirror of a channel.
  ///
  /// - Throws: `.conflict` if a mirror with this URL is registered, for any channel; `.notFound` if the channel is gone.
  public func addMirror(_ mirror: MirrorRow) async throws(MetadataError) {
    try await write { db in
      _ = try db.requireChannel(id: mirror.channelID)
      try db.run(
        """
        INSERT INTO channelMirror (id, channelID, url, apiEndpoint, metricsEndpoint, createdAt)
        VALUES (?, ?, ?, ?, ?, ?)
        """,
        [
          mirror.id, mirror.channelID, mirror.url, mirror.apiEndpoint, mirror.metricsEndpoint,
          mirror.createdAt.milliseconds,
        ])
      try db.audit("mirror.add", channelID: mirror.channelID, subject: mirror.url)
    }
  }

  /// The mirrors of a channel, oldest first.
  public func mirrors(channelID: Int64) async throws(MetadataError) -> [MirrorRow] {
    try await read { db in
      try db.all(MirrorRow.select, [channelID]).map(MirrorRow.init(row:))
    }
  }

  /// Takes a mirror of a channel off the list; says whether there was one.
  @discardableResult
  public func removeMirror(id: UUID, channelID: Int64) async throws(MetadataError) -> Bool {
    try await write { db in
      let count = try db.run("DELETE FROM channelMirror WHERE id = ? AND channelID = ?", [id, channelID])
      if count > 0 {
        try db.audit("mirror.remove", channelID: channelID, subject: id.uuidString.lowercased())
      }
      return count > 0
    }
  }
}

extension MirrorRow {
  static let select = "SELECT * FROM channelMirror WHERE channelID = ? ORDER BY createdAt"
}
