public import CondaTypes
public import Foundation
internal import GRDB

/// An artifact and the blob that it says its bytes are.
public struct StoredFile: Hashable, Sendable {
  /// E.g. `linux-64`.
  public var subdir: String
  /// E.g. `a-1.0-0.conda`.
  public var fileName: String
  /// Names the blob.
  public var sha256: Digest
  /// In bytes.
  public var size: Int64
}

extension MetadataStore {
  /// The artifacts of a channel that come after one, by subdir and file name (bytes).
  ///
  /// - Parameter last: The last one of the page before; empty texts for the first page.
  public func storedFiles(
    channelID: Int64, after last: (subdir: String, fileName: String), limit: Int
  ) async throws(MetadataError) -> [StoredFile] {
    try await read { db in
      try db.all(StoredFile.select, [channelID, last.subdir, last.fileName, limit]).map { row in
        StoredFile(
          subdir: try row.value("subdir"), fileName: try row.value("fileName"),
          sha256: try row.sha256("sha256"), size: try row.value("size"))
      }
    }
  }

  /// The packages of a channel that have no artifact, by name.
  public func emptyPackages(channelID: Int64) async throws(MetadataError) -> [String] {
    try await read { db in try db.emptyPackages(channelID: channelID) }
  }

  /// Deletes the packages of a channel that have no artifact; returns their names.
  public func deleteEmptyPackages(channelID: Int64, now: Date) async throws(MetadataError) -> [String] {
    try await write(isLarge: true) { db in
      let names = try db.emptyPackages(channelID: channelID)
      for name in names {
        try db.run("DELETE FROM package WHERE channelID = ? AND name = ?", [channelID, name])
        try db.appendAudit(
          AuditEntry(time: now, actorID: nil, action: "package.delete", channelID: channelID, subject: name))
      }
      return names
    }
  }

  /// Works out anew, from the artifacts, what a channel's packages say and how large it is.
  ///
  /// - Throws: `.notFound` if there is no such channel.
  public func recomputeChannel(id: Int64) async throws(MetadataError) {
    try await write(isLarge: true) { db in
      _ = try db.requireChannel(id: id)
      for row in try db.all("SELECT id FROM package WHERE channelID = ?", [id]) {
        try db.recomputePackage(id: row.value("id"))
      }
      try db.run(
        """
        UPDATE channel SET
          size = (SELECT coalesce(sum(size), 0) FROM artifact WHERE channelID = channel.id),
          packageCount = (SELECT count(*) FROM package WHERE channelID = channel.id),
          memberCount = (SELECT count(*) FROM channelMember WHERE channelID = channel.id)
        WHERE id = ?
        """, [id])
    }
  }
}

extension StoredFile {
  static let select = """
    SELECT subdir, fileName, sha256, size FROM artifact
    WHERE channelID = ? AND (subdir, fileName) > (?, ?) ORDER BY subdir, fileName LIMIT ?
    """
}

extension Database {
  fileprivate func emptyPackages(channelID: Int64) throws -> [String] {
    try all(
      """
      SELECT name FROM package WHERE channelID = ? AND currentVersion IS NULL
        AND NOT EXISTS (SELECT 1 FROM artifact WHERE packageID = package.id)
      ORDER BY name
      """, [channelID]
    ).map { row in try row.value("name") }
  }
}
