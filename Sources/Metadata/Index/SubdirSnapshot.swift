public import CondaTypes
import Foundation
internal import GRDB

/// A subdir's rows as one reader sees them: whatever is read through it shows the same state.
///
/// Memory does not grow with the number of records. The visits run on a reader's queue and hold one of its connections,
/// so keep them short of anything that waits for the database.
public struct SubdirSnapshot {
  /// The channel.
  public let channelID: Int64
  /// E.g. `linux-64`.
  public let subdir: String
  /// The state that it shows, for `commitDocuments`; 0 if the subdir is unknown.
  public let generation: Int64
  let database: Database

  /// What `info.repodata_revisions` says about the records under `v3` (CEP 48).
  public struct Revision: Hashable, Sendable {
    /// How many there are; at least 1.
    public var count: Int64
    /// The first indexed timestamp, in milliseconds since 1970.
    public var oldest: Int64
    /// The last indexed timestamp, in milliseconds since 1970.
    public var newest: Int64
  }

  /// How many artifacts there are, in the index or not.
  public func count() throws -> Int {
    let row = try database.one(
      "SELECT count(*) AS count FROM artifact WHERE channelID = ? AND subdir = ?", [channelID, subdir])
    return try row?.value("count") ?? 0
  }

  /// Visits the records in one place: of one format, by file name (bytes).
  ///
  /// - Parameters:
  ///   - start: The first file name that is visited; nil for the first of all.
  ///   - end: The first that is not visited any more; nil to visit the last, too.
  ///   - form: Whether as patched, or as they would be without.
  public func forEachRecord(
    _ placement: RecordPlacement, format: String, form: RecordForm = .shown, from start: String? = nil,
    to end: String? = nil, _ visit: (RecordVisit) throws -> Void
  ) throws {
    let rows = try records(placement, format, form, from: start)
    while let row = try rows.next() {
      var isPastEnd = false
      try RecordVisit.withRecord(in: row, format: format) { record in
        isPastEnd = end.map { !record.fileName.precedesByBytes($0) } ?? false
        if !isPastEnd { try visit(record) }
      }
      if isPastEnd { return }
    }
  }

  /// The first file name (bytes), of the records in one place and format, that does not sort before another.
  public func firstFileName(
    _ placement: RecordPlacement, format: String, form: RecordForm = .shown, from start: String
  ) throws -> String? {
    let rows = try records(placement, format, form, from: start)
    // The row lives as long as the cursor.
    return try withExtendedLifetime(rows) { try rows.next().map { try $0.decode(atIndex: 0) } }
  }

  private func records(
    _ placement: RecordPlacement, _ format: String, _ form: RecordForm, from start: String?
  ) throws -> RowCursor {
    try Row.fetchCursor(
      database.cachedStatement(
        sql: form == .shown ? RecordVisit.select : RecordVisit.selectOriginals),
      arguments: [
        "channelID": channelID, "subdir": subdir, "placement": placement.rawValue, "format": format,
        "start": start ?? "",
      ])
  }

  /// Visits the names of files that are out of the index and still served, by their bytes.
  public func forEachRemoved(_ visit: (String) throws -> Void) throws {
    let rows = try Row.fetchCursor(
      database.cachedStatement(
        sql: """
          SELECT fileName FROM artifact WHERE channelID = ? AND subdir = ? AND placement = 'removed'
          ORDER BY fileName
          """), arguments: [channelID, subdir])
    while let row = try rows.next() { try visit(row.value("fileName")) }
  }

  /// The channels that the channel declares to build upon or stand in front of (CEP 42).
  public func relations() throws -> ChannelRelations { try database.relations(channelID: channelID) }

  /// Whether the subdir has a repodata patch.
  public func isPatched() throws -> Bool {
    try database.one("SELECT 1 FROM patch WHERE channelID = ? AND subdir = ?", [channelID, subdir]) != nil
  }

  /// Visits the names of yanked files, which are out of the index without a patch too, by their bytes.
  public func forEachYanked(_ visit: (String) throws -> Void) throws {
    let rows = try Row.fetchCursor(
      database.cachedStatement(
        sql: """
          SELECT fileName FROM artifact JOIN yank ON yank.artifactKey = artifact.key
          WHERE channelID = ? AND subdir = ? AND placement = 'removed' ORDER BY fileName
          """), arguments: [channelID, subdir])
    while let row = try rows.next() { try visit(row.value("fileName")) }
  }

  /// What there is under `v3`; nil if nothing.
  public func revision3() throws -> Revision? {
    let row = try database.one(
      """
      SELECT count(*) AS count, min(indexedTimestamp) AS oldest, max(indexedTimestamp) AS newest FROM artifact
      WHERE channelID = ? AND subdir = ? AND placement = 'v3'
      """, [channelID, subdir])
    guard let row, try row.value("count") as Int64 > 0 else { return nil }
    return Revision(
      count: try row.value("count"), oldest: try row.value("oldest"), newest: try row.value("newest"))
  }
}

extension SubdirSnapshot {
  fileprivate init(channelID: Int64, subdir: String, in db: Database) throws {
    let state = try db.one(
      "SELECT generation FROM subdirState WHERE channelID = ? AND subdir = ?", [channelID, subdir])
    self.init(
      channelID: channelID, subdir: subdir, generation: try state?.value("generation") ?? 0, database: db)
  }
}

extension MetadataStore {
  /// Reads a subdir within one snapshot.
  ///
  /// - Throws: What `body` threw, as `.unexpected` with the error below.
  public func withSnapshot<Value: Sendable>(
    channelID: Int64, subdir: String, _ body: @escaping @Sendable (SubdirSnapshot) throws -> Value
  ) async throws(MetadataError) -> Value {
    try await read { db in try body(SubdirSnapshot(channelID: channelID, subdir: subdir, in: db)) }
  }

  /// Does what `withSnapshot` does on the calling thread, which blocks.
  public func withSnapshotNow<Value>(
    channelID: Int64, subdir: String, _ body: (SubdirSnapshot) throws -> Value
  ) throws(MetadataError) -> Value {
    try readNow { db in try body(SubdirSnapshot(channelID: channelID, subdir: subdir, in: db)) }
  }
}
