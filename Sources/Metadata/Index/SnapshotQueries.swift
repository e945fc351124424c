import Foundation
internal import GRDB

/// One artifact's package record as it lies in the database. The buffers are valid during the visit only.
public struct RecordVisit {
  /// `conda` or `tar.bz2`.
  public let format: String
  /// E.g. `a-1.0-0.conda`.
  public let fileName: String
  /// JSON text of the package record.
  public let json: UnsafeRawBufferPointer
  /// JSON text of the run exports; nil if the artifact does not say.
  public let runExports: UnsafeRawBufferPointer?
}

extension MetadataStore {
  /// Visits all package records of a subdir in one snapshot: `tar.bz2` first, then `conda`, each by file name
  /// (bytes).
  ///
  /// Memory does not grow with the number of records. The visits run on a reader's queue and hold one of its
  /// connections, so keep them short of anything that waits for the database.
  /// - Returns: The subdir's generation that the records show, for `commitDocuments`; 0 if the subdir is
  ///   unknown.
  /// - Throws: What `visit` threw, as `.unexpected` with the error below.
  public func snapshotRecords(
    channelID: Int64, subdir: String, visit: @escaping @Sendable (RecordVisit) throws -> Void
  ) async throws(MetadataError) -> Int64 {
    try await read { db in try db.visitRecords(channelID: channelID, subdir: subdir, visit) }
  }

  /// Does what `snapshotRecords` does on the calling thread, which blocks, and says before the first visit how many there
  /// will be.
  public func visitRecords(
    channelID: Int64, subdir: String, begin: (_ count: Int) throws -> Void,
    visit: (RecordVisit) throws -> Void
  ) throws(MetadataError) -> Int64 {
    try readNow { db in
      let row = try db.one(
        "SELECT count(*) AS count FROM artifact WHERE channelID = ? AND subdir = ?", [channelID, subdir])
      try begin(try row?.value("count") ?? 0)
      return try db.visitRecords(channelID: channelID, subdir: subdir, visit)
    }
  }
}

extension Database {
  fileprivate func visitRecords(
    channelID: Int64, subdir: String, _ visit: (RecordVisit) throws -> Void
  ) throws -> Int64 {
    let state = try one(
      "SELECT generation FROM subdirState WHERE channelID = ? AND subdir = ?", [channelID, subdir])
    for format in ["tar.bz2", "conda"] {
      let rows = try Row.fetchCursor(
        cachedStatement(sql: RecordVisit.select), arguments: [channelID, subdir, format])
      while let row = try rows.next() { try RecordVisit.withRecord(in: row, format: format, visit) }
    }
    return try state?.value("generation") ?? 0
  }
}

extension RecordVisit {
  static let select = """
    SELECT artifact.fileName, artifactRecord.json, artifactRecord.runExports FROM artifact
    JOIN artifactRecord ON artifactRecord.artifactKey = artifact.key
    WHERE artifact.channelID = ? AND artifact.subdir = ? AND artifact.format = ?
    ORDER BY artifact.fileName
    """

  /// Lends the text as it lies in SQLite's page cache: the record is copied once, by whoever writes it out.
  fileprivate static func withRecord(
    in row: Row, format: String, _ body: (RecordVisit) throws -> Void
  ) throws {
    let fileName: String = try row.decode(atIndex: 0)
    try row.withUnsafeData(atIndex: 1) { json in
      try row.withUnsafeData(atIndex: 2) { runExports in
        guard let json else { throw MetadataError(.damaged, "a package record is missing") }
        try json.withUnsafeBytes { jsonBytes in
          guard let runExports else {
            return try body(RecordVisit(format: format, fileName: fileName, json: jsonBytes, runExports: nil))
          }
          try runExports.withUnsafeBytes { runExportsBytes in
            try body(
              RecordVisit(format: format, fileName: fileName, json: jsonBytes, runExports: runExportsBytes))
          }
        }
      }
    }
  }
}
