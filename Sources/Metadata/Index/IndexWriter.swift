public import CondaTypes
public import Foundation
internal import GRDB

/// Makes shards and shard indexes while the transaction that changes their rows is still open, so that one commit holds
/// both and they never disagree. All methods are called on the database's writer queue, one after the other; they block.
public protocol IndexWriter: Sendable {
  /// Makes the shards of the marked packages and, unless more marks wait, the index that names them.
  ///
  /// What it writes and keeps is under its digest, so that of a transaction that fails does no harm.
  func makeUpdate(_ source: IndexSource) throws -> IndexUpdate

  /// Forgets what it remembers of a subdir: a transaction that it made an update for failed.
  func forget(channelID: Int64, subdir: String)
}

/// What an `IndexWriter` may ask within the open transaction.
public struct IndexSource {
  /// The channel.
  public let channelID: Int64
  /// The subdir.
  public let subdir: String
  /// The packages whose shards are behind, sorted by name.
  public let marks: [IndexMark]
  /// Whether these are all that is behind in the subdir, so that its index can be made now.
  public let isComplete: Bool
  let database: Database

  /// What a package's shard is made of, sorted by file name (bytes).
  public func records(of packageName: String) throws -> [IndexRecord] {
    try database.indexRecords(channelID: channelID, subdir: subdir, packageName: packageName)
  }

  /// Visits the current shards of the subdir, sorted by package name (bytes).
  public func forEachShard(_ visit: (String, Digest) -> Void) throws {
    let statement = try database.cachedStatement(
      sql: "SELECT packageName, sha256 FROM shard WHERE channelID = ? AND subdir = ? ORDER BY packageName")
    let rows = try Row.fetchCursor(statement, arguments: [channelID, subdir])
    while let row = try rows.next() { visit(try row.value("packageName"), try row.sha256("sha256")) }
  }

  /// Whether a document, a shard or a retired shard has these bytes.
  public func isReferenced(_ digest: Digest) throws -> Bool {
    try database.isDocumentDigestReferenced(digest)
  }

  /// The channels that the channel declares to build upon or stand in front of (CEP 42).
  public func relations() throws -> ChannelRelations { try database.relations(channelID: channelID) }

  /// Whether some of the subdir's records stand under `v3` (CEP 48).
  public func hasV3() throws -> Bool {
    try database.one(
      "SELECT 1 FROM artifact WHERE channelID = ? AND subdir = ? AND placement = 'v3' LIMIT 1",
      [channelID, subdir]) != nil
  }

  /// When the subdir's artifacts changed last; nil for an empty one.
  public func lastChange() throws -> Date? {
    try database.lastChange(channelID: channelID, subdir: subdir)
  }
}
