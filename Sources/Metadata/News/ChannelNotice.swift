import CondaTypes
public import Foundation
internal import GRDB

/// A message of a channel to those who use it (CEP 6).
public struct ChannelNotice: Hashable, Sendable {
  /// Unique in the channel.
  public var id: String
  /// What clients print.
  public var message: String
  /// `info`, `warning` or `critical`.
  public var level: String
  /// When it was made.
  public var createdAt: Date
  /// From when on it is not shown any more.
  public var expiresAt: Date

  /// All fields, in order.
  public init(id: String, message: String, level: String, createdAt: Date, expiresAt: Date) {
    self.id = id
    self.message = message
    self.level = level
    self.createdAt = createdAt
    self.expiresAt = expiresAt
  }
}

extension MetadataStore {
  /// The notices of a channel, the newest first.
  public func notices(channelID: Int64) async throws(MetadataError) -> [ChannelNotice] {
    try await read { db in
      try db.all(
        "SELECT * FROM notice WHERE channelID = ? ORDER BY createdAt DESC, id", [channelID]
      ).map { row in
        ChannelNotice(
          id: try row.value("id"), message: try row.value("message"), level: try row.value("level"),
          createdAt: try row.time("createdAt"), expiresAt: try row.time("expiresAt"))
      }
    }
  }

  /// Adds a notice; `notices.json` is behind from then on.
  ///
  /// - Parameter limit: How many a channel may have.
  /// - Throws: `.constraint` if it has so many; `.notFound` if the channel is gone.
  public func addNotice(
    _ notice: ChannelNotice, channelID: Int64, limit: Int
  ) async throws(MetadataError) {
    try await write { db in
      _ = try db.requireChannel(id: channelID)
      let count: Int =
        try db.one("SELECT count(*) AS count FROM notice WHERE channelID = ?", [channelID])?
        .value("count") ?? 0
      guard count < limit else { throw MetadataError(.constraint, "the channel has \(count) notices") }
      try db.run(
        """
        INSERT INTO notice (channelID, id, message, level, createdAt, expiresAt) VALUES (?, ?, ?, ?, ?, ?)
        """,
        [
          channelID, notice.id, notice.message, notice.level, notice.createdAt.milliseconds,
          notice.expiresAt.milliseconds,
        ])
      try db.markChannelStale(id: channelID)
      try db.audit(
        "notice.add", channelID: channelID, subject: notice.id, detail: ["message": .string(notice.message)])
    }
  }

  /// Takes a notice away; says whether there was one.
  @discardableResult
  public func removeNotice(id: String, channelID: Int64) async throws(MetadataError) -> Bool {
    try await write { db in
      guard try db.run("DELETE FROM notice WHERE channelID = ? AND id = ?", [channelID, id]) > 0 else {
        return false
      }
      try db.markChannelStale(id: channelID)
      try db.audit("notice.remove", channelID: channelID, subject: id)
      return true
    }
  }

  /// Takes away what expired; returns the channels that had some.
  public func removeExpiredNotices(now: Date) async throws(MetadataError) -> [Int64] {
    try await write { db in
      let channels: [Int64] = try db.all(
        "SELECT DISTINCT channelID FROM notice WHERE expiresAt <= ?", [now.milliseconds]
      ).map { row in try row.value("channelID") }
      try db.run("DELETE FROM notice WHERE expiresAt <= ?", [now.milliseconds])
      for id in channels { try db.markChannelStale(id: id) }
      return channels
    }
  }
}

extension Database {
  /// Lets the channel's own documents be made again, which follow its subdirs: `noarch` is always there.
  fileprivate func markChannelStale(id: Int64) throws {
    _ = try nextGeneration(channelID: id, subdir: "noarch")
  }
}
