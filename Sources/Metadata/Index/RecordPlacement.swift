internal import GRDB

/// Where an artifact's record stands in the index.
public enum RecordPlacement: String, Sendable {
  /// In `packages` and `packages.conda`, which every client reads.
  case packages
  /// Under `v3` (CEP 48): its `index.json` is of schema version 3 or more (CEP 43).
  case v3
  /// Nowhere; only the file's name is in `removed` (CEP 36).
  case removed
}

extension RecordPlacement {
  /// SQL for where an artifact's own format wants its record.
  ///
  /// - Parameter info: SQL for its `info`.
  static func selectByFormat(_ info: String) -> String {
    "iif(json_extract(\(info), '$.schema_version') >= 3, 'v3', 'packages')"
  }
}

extension Row {
  /// Where a record stands.
  func placement(_ column: String) throws -> RecordPlacement {
    let text: String = try value(column)
    guard let placement = RecordPlacement(rawValue: text) else {
      throw MetadataError(.damaged, "a record stands nowhere")
    }
    return placement
  }
}

extension Database {
  /// Puts an artifact where yanks, patches and its own format want it; says whether it moved.
  @discardableResult
  func place(artifactKey key: Int64) throws -> Bool {
    let moved = try run(
      """
      UPDATE artifact SET placement = wanted.placement FROM (
        SELECT CASE
          WHEN EXISTS (SELECT 1 FROM yank WHERE artifactKey = :key)
            OR EXISTS (SELECT 1 FROM originalRecord WHERE artifactKey = :key AND isRemoved) THEN 'removed'
          ELSE (SELECT \(RecordPlacement.selectByFormat("info")) FROM artifactRecord WHERE artifactKey = :key)
          END AS placement) AS wanted
      WHERE artifact.key = :key AND artifact.placement <> wanted.placement
      """, ["key": key])
    return moved > 0
  }
}
