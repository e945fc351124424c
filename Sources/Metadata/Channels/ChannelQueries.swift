import CondaTypes
public import Foundation
internal import GRDB

extension MetadataStore {
  /// Makes a channel, its owner's membership and, unless it is a proxy, its `noarch` subdir (behind, so that
  /// it gets its documents: conda takes a channel without `noarch` for none at all).
  ///
  /// - Throws: `.conflict` if a channel has this name, in any case.
  public func createChannel(
    _ new: NewChannel, owner: UUID, now: Date
  ) async throws(MetadataError) -> ChannelRow {
    try await write { db in
      try db.run(
        """
        INSERT INTO channel
          (name, description, isPrivate, sizeLimit, ttl, mirrorChannelURL, mirrorMode, metadata, createdAt)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
          new.name, new.description, new.isPrivate, new.sizeLimit, new.ttl, new.mirrorChannelURL,
          new.mirrorMode,
          new.metadata, now.milliseconds,
        ])
      let id = db.lastInsertedRowID
      try db.setChannelMember(channelID: id, userID: owner, role: .owner)
      if new.mirrorMode != "proxy" { try db.ensureSubdir(channelID: id, subdir: "noarch") }
      try db.appendAudit(
        AuditEntry(time: now, actorID: owner, action: "channel.create", channelID: id, subject: new.name))
      return try db.requireChannel(id: id)
    }
  }

  /// The channel with this name, in any case.
  public func channel(named name: String) async throws(MetadataError) -> ChannelRow? {
    try await read { db in
      try db.one("SELECT * FROM channel WHERE name = ?", [name], as: ChannelRow.init(row:))
    }
  }

  /// The channel with this ID.
  public func channel(id: Int64) async throws(MetadataError) -> ChannelRow? {
    try await read { db in try db.channel(id: id) }
  }

  /// The channel with this ID and how much is in it.
  public func channelSummary(id: Int64) async throws(MetadataError) -> ChannelSummary? {
    try await read { db in
      try db.one("SELECT \(ChannelSummary.columns) FROM channel WHERE id = ?", [id])
        .map(ChannelSummary.init(row:))
    }
  }

  /// A page of the channels that may be shown, sorted by name in any case, and how many there are in all.
  ///
  /// - Parameters:
  ///   - text: Part of the name, in any case, taken literally; nil is all.
  ///   - limit: At most so many; nil is all.
  public func channels(
    visibleTo visibility: ChannelVisibility, matching text: String?, skip: Int = 0, limit: Int? = nil
  ) async throws(MetadataError) -> (rows: [ChannelSummary], total: Int) {
    let condition = """
      \(visibility.condition) AND (:pattern IS NULL OR channel.name LIKE :pattern ESCAPE '\\')
      """
    var arguments: [String: (any DatabaseValueConvertible)?] = ["pattern": text.map(likePattern(containing:))]
    if let member = visibility.member { arguments["userID"] = member }
    let filter = StatementArguments(arguments)
    let page = filter &+ ["limit": limit ?? -1, "skip": skip]
    return try await read { db in
      let total = try Int.fetchOne(
        db, sql: "SELECT count(*) FROM channel WHERE \(condition)", arguments: filter)
      let rows = try db.all(
        """
        SELECT \(ChannelSummary.columns) FROM channel WHERE \(condition)
        ORDER BY channel.name LIMIT :limit OFFSET :skip
        """, page)
      return (try rows.map(ChannelSummary.init(row:)), total ?? 0)
    }
  }

  /// Every channel, sorted by name.
  public func allChannels() async throws(MetadataError) -> [ChannelRow] {
    try await read { db in
      try db.all("SELECT * FROM channel ORDER BY name").map(ChannelRow.init(row:))
    }
  }

  /// Changes what may change about a channel: description, privacy, quota, time to live, metadata.
  ///
  /// - Throws: `.notFound` if there is no such channel.
  public func updateChannel(_ channel: ChannelRow) async throws(MetadataError) {
    try await write { db in
      let count = try db.run(
        """
        UPDATE channel SET description = ?, isPrivate = ?, sizeLimit = ?, ttl = ?, metadata = ? WHERE id = ?
        """,
        [
          channel.description, channel.isPrivate, channel.sizeLimit, channel.ttl, channel.metadata,
          channel.id,
        ])
      guard count > 0 else { throw MetadataError(.notFound, "channel not found") }
      try db.audit(
        "channel.update", channelID: channel.id, subject: channel.name,
        detail: [
          "private": .bool(channel.isPrivate), "ttl": .integer(channel.ttl),
          "size_limit": channel.sizeLimit.map { .integer($0) } ?? .null,
        ])
    }
  }

  /// Deletes a channel and everything in it. Its blobs stay for garbage collection, its audit lines for good.
  ///
  /// - Parameter keepingDeleted: Keep what it held for the retention time (`deletedArtifact`).
  /// - Throws: `.notFound` if there is no such channel.
  public func deleteChannel(
    id: Int64, keepingDeleted: Bool = false, actor: UUID? = nil, now: Date = Date()
  ) async throws(MetadataError) {
    try await write(isLarge: true) { db in
      let channel = try db.requireChannel(id: id)
      if keepingDeleted { try db.keepDeleted(.channel(id: id), now: now) }
      try db.run(
        """
        UPDATE blob SET touchedAt = ?
        WHERE sha256 IN (SELECT sha256 FROM artifact WHERE channelID = ?)
        """, [now.milliseconds, id])
      try db.remember(.channel(id: id))
      // While the channel still has its name.
      try db.appendAudit(
        AuditEntry(time: now, actorID: actor, action: "channel.delete", channelID: id, subject: channel.name))
      try db.run("DELETE FROM channel WHERE id = ?", [id])
    }
  }
}

extension ChannelVisibility {
  /// Whether a user, the one argument, is a member of `channel`.
  static let isMember = "channel.id IN (SELECT channelID FROM channelMember WHERE userID = ?)"

  fileprivate var member: UUID? {
    switch self {
    case .publicOnly: nil
    case .publicAndMember(let id), .memberOnly(let id): id
    }
  }

  fileprivate var condition: String {
    let isMember = "channel.id IN (SELECT channelID FROM channelMember WHERE userID = :userID)"
    return switch self {
    case .publicOnly: "NOT isPrivate"
    case .publicAndMember: "(NOT isPrivate OR \(isMember))"
    case .memberOnly: isMember
    }
  }
}

extension Database {
  func channel(id: Int64) throws -> ChannelRow? {
    try one("SELECT * FROM channel WHERE id = ?", [id], as: ChannelRow.init(row:))
  }

  func requireChannel(id: Int64) throws -> ChannelRow {
    guard let channel = try channel(id: id) else { throw MetadataError(.notFound, "channel not found") }
    return channel
  }
}
