import CondaTypes
public import Foundation
internal import GRDB

/// Why an artifact is out of the index although its file is still served.
public struct Yank: Hashable, Sendable {
  /// In the words of whoever did it.
  public var reason: String
  /// When it was done.
  public var time: Date
}

extension Yank {
  /// From a row with the columns `yankReason` and `yankedAt`; nil if it is not yanked.
  init?(row: Row) throws {
    let reason: String? = try row.value("yankReason")
    guard let reason, let time = try row.date("yankedAt") else { return nil }
    self.init(reason: reason, time: time)
  }
}

extension MetadataStore {
  /// Takes an artifact out of the index, or, if it is out already, changes the reason. The file stays.
  ///
  /// What its package's row says (current version, subdirs, channeldata entry) follows in the same transaction, and so do
  /// the shard and the mark on the subdir.
  /// - Parameter reason: Not empty.
  /// - Throws: `.notFound` if there is no such artifact.
  public func yankArtifact(
    channelID: Int64, subdir: String, fileName: String, reason: String, now: Date
  ) async throws(MetadataError) -> ArtifactRow {
    try await write { db in
      try db.changePlacement(channelID: channelID, subdir: subdir, fileName: fileName) { key in
        try db.setYank(Yank(reason: reason, time: now), artifactKey: key)
        try db.audit(
          "artifact.yank", channelID: channelID, subject: "\(subdir)/\(fileName)",
          detail: ["reason": .string(reason)])
      }
    }
  }

  /// Puts a yanked artifact back into the index; nothing if it is in it.
  ///
  /// - Throws: `.notFound` if there is no such artifact.
  public func unyankArtifact(
    channelID: Int64, subdir: String, fileName: String
  ) async throws(MetadataError) -> ArtifactRow {
    try await write { db in
      try db.changePlacement(channelID: channelID, subdir: subdir, fileName: fileName) { key in
        guard try db.run("DELETE FROM yank WHERE artifactKey = ?", [key]) > 0 else { return }
        try db.audit("artifact.unyank", channelID: channelID, subject: "\(subdir)/\(fileName)")
      }
    }
  }
}

extension Database {
  /// Notes that an artifact is yanked, which `place` then sees; one that is already keeps its time.
  func setYank(_ yank: Yank, artifactKey key: Int64) throws {
    try run(
      """
      INSERT INTO yank (artifactKey, reason, yankedAt) VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET reason = excluded.reason
      """, [key, yank.reason, yank.time.milliseconds])
  }

  /// Does something that may move an artifact in the index, and lets what depends on it follow.
  fileprivate func changePlacement(
    channelID: Int64, subdir: String, fileName: String, _ change: (_ key: Int64) throws -> Void
  ) throws -> ArtifactRow {
    let row = try one(
      "SELECT key, packageID FROM artifact WHERE channelID = ? AND subdir = ? AND fileName = ?",
      [channelID, subdir, fileName])
    guard let row else { throw MetadataError(.notFound, "package version not found") }
    let key: Int64 = try row.value("key")
    try change(key)
    if try place(artifactKey: key) {
      let package = try requirePackage(id: row.value("packageID"))
      try recomputePackage(id: package.id)
      try markStale(channelID: channelID, subdir: subdir, packageName: package.name)
    }
    guard let artifact = try artifact(channelID: channelID, subdir: subdir, fileName: fileName) else {
      throw MetadataError(.unexpected, "the artifact is missing after it was changed")
    }
    return artifact
  }
}
