import Foundation
internal import GRDB

/// Which form of the records is meant.
public enum RecordForm: Sendable {
  /// As the index shows them.
  case shown
  /// As they would be without the subdir's patch: as their artifacts made them, with those that it removes.
  case unpatched
}

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

extension RecordVisit {
  static let select = """
    SELECT artifact.fileName, artifactRecord.json, artifactRecord.runExports FROM artifact
    JOIN artifactRecord ON artifactRecord.artifactKey = artifact.key
    WHERE artifact.channelID = :channelID AND artifact.subdir = :subdir AND artifact.placement = :placement
      AND artifact.format = :format AND artifact.fileName >= :start
    ORDER BY artifact.fileName
    """

  /// Those in the place, and those that would be there had the patch not removed them; each in order already, so that
  /// nothing is sorted.
  static let selectOriginals = """
    SELECT artifact.fileName, coalesce(originalRecord.json, artifactRecord.json),
      iif(originalRecord.artifactKey IS NULL, artifactRecord.runExports, originalRecord.runExports)
    FROM artifact JOIN artifactRecord ON artifactRecord.artifactKey = artifact.key
    LEFT JOIN originalRecord ON originalRecord.artifactKey = artifact.key
    WHERE artifact.channelID = :channelID AND artifact.subdir = :subdir AND artifact.placement = :placement
      AND artifact.format = :format AND artifact.fileName >= :start
    UNION ALL
    SELECT artifact.fileName, coalesce(originalRecord.json, artifactRecord.json),
      iif(originalRecord.artifactKey IS NULL, artifactRecord.runExports, originalRecord.runExports)
    FROM artifact JOIN artifactRecord ON artifactRecord.artifactKey = artifact.key
    LEFT JOIN originalRecord ON originalRecord.artifactKey = artifact.key
    WHERE artifact.channelID = :channelID AND artifact.subdir = :subdir AND artifact.placement = 'removed'
      AND artifact.format = :format AND artifact.fileName >= :start
      AND NOT EXISTS (SELECT 1 FROM yank WHERE yank.artifactKey = artifact.key)
      AND :placement = \(RecordPlacement.selectByFormat("artifactRecord.info"))
    ORDER BY 1
    """

  /// Lends the text as it lies in SQLite's page cache: the record is copied once, by whoever writes it out.
  static func withRecord(
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
