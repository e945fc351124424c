import CondaTypes
public import Foundation
internal import GRDB

extension MetadataStore {
  /// The artifact under a file name.
  public func artifact(
    channelID: Int64, subdir: String, fileName: String
  ) async throws(MetadataError) -> ArtifactRow? {
    try await read { db in try db.artifact(channelID: channelID, subdir: subdir, fileName: fileName) }
  }

  /// The artifacts of a package, in no order.
  ///
  /// - Parameter start: Only those first uploaded at or after this time.
  public func artifacts(
    channelID: Int64, packageName: String, createdAtOrAfter start: Date? = nil
  ) async throws(MetadataError) -> [ArtifactRow] {
    try await read { db in
      try db.all(
        """
        \(ArtifactRow.select)
        WHERE artifact.packageID = (SELECT id FROM package WHERE channelID = :channelID AND name = :name)
          AND artifact.timeCreated >= :start
        """,
        [
          "channelID": channelID, "name": packageName, "start": start?.milliseconds ?? Int64.min,
        ]
      ).map(ArtifactRow.init(row:))
    }
  }

  /// Deletes an artifact, and its package with the last one; says what it was, or nil if there was none.
  ///
  /// The package's current version, subdirs and channeldata entry are worked out anew from what remains.
  ///
  /// - Parameter keepingDeleted: Keep what it was, and its bytes, for the retention time (`deletedArtifact`).
  public func deleteArtifact(
    channelID: Int64, subdir: String, fileName: String, keepingDeleted: Bool = false, actor: UUID? = nil,
    now: Date
  ) async throws(MetadataError) -> ArtifactRow? {
    try await write { db in
      guard let artifact = try db.artifact(channelID: channelID, subdir: subdir, fileName: fileName) else {
        return nil
      }
      try db.remember(.artifact(id: artifact.id))
      if keepingDeleted { try db.keepDeleted(.artifact(id: artifact.id), now: now) }
      try db.run("DELETE FROM artifact WHERE id = ?", [artifact.id])
      try db.touchBlob(artifact.sha256, now: now)
      try db.run("UPDATE channel SET size = size - ? WHERE id = ?", [artifact.size, channelID])
      if try db.one("SELECT 1 FROM artifact WHERE packageID = ? LIMIT 1", [artifact.packageID]) == nil {
        try db.run("DELETE FROM package WHERE id = ?", [artifact.packageID])
      } else {
        try db.recomputePackage(id: artifact.packageID)
      }
      try db.markStale(channelID: channelID, subdir: subdir, packageName: artifact.packageName)
      try db.appendAudit(
        AuditEntry(
          time: now, actorID: actor, action: "artifact.delete", channelID: channelID,
          subject: "\(subdir)/\(fileName)", detail: #"{"sha256":"\#(artifact.sha256.hex)"}"#))
      return artifact
    }
  }

  /// What a download needs to know. The hot path: one lookup in one index.
  public func resolveArtifact(
    channelID: Int64, subdir: String, fileName: String
  ) async throws(MetadataError) -> ResolvedArtifact? {
    try await read { db in
      try db.one(ResolvedArtifact.select, [channelID, subdir, fileName]).map { row in
        ResolvedArtifact(
          key: try row.value("key"), sha256: try row.sha256("sha256"), size: try row.value("size"),
          timeModified: try row.time("timeModified"), wasReplaced: try row.value("wasReplaced"))
      }
    }
  }
}

extension ResolvedArtifact {
  static let select = """
    SELECT key, sha256, size, timeModified, EXISTS (
      SELECT 1 FROM formerFile
      WHERE channelName = (SELECT name FROM channel WHERE id = artifact.channelID)
        AND formerFile.subdir = artifact.subdir AND formerFile.fileName = artifact.fileName
    ) AS wasReplaced
    FROM artifact WHERE channelID = ? AND subdir = ? AND fileName = ?
    """
}

extension Database {
  func artifact(channelID: Int64, subdir: String, fileName: String) throws -> ArtifactRow? {
    try one(
      "\(ArtifactRow.select) WHERE artifact.channelID = ? AND artifact.subdir = ? AND artifact.fileName = ?",
      [channelID, subdir, fileName]
    ).map(ArtifactRow.init(row:))
  }
}
