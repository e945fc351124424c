import CondaTypes
public import Foundation
internal import GRDB

/// An artifact with everything that publishing it elsewhere, or again, takes beside its bytes.
public struct ArtifactTemplate: Sendable {
  /// What to publish; `now`, `sizeLimit` and, for a copy, channel and uploader are for the caller to set.
  public var artifact: NewArtifact
  /// When it was first uploaded.
  public var timeCreated: Date
  /// Downloads so far.
  public var downloadCount: Int64
  /// Names the row of a deleted artifact; nil for one that is there.
  public var deletedNumber: Int64?
}

extension MetadataStore {
  /// An artifact that is there, to be published in another channel as well.
  public func artifactTemplate(
    channelID: Int64, packageName: String, subdir: String, fileName: String
  ) async throws(MetadataError) -> ArtifactTemplate? {
    try await read { db in
      try db.one(
        """
        SELECT \(ArtifactTemplate.columns), NULL AS number \(ArtifactTemplate.source)
        WHERE artifact.channelID = ? AND artifact.subdir = ? AND artifact.fileName = ? AND package.name = ?
        """, [channelID, subdir, fileName, packageName]
      ).map(ArtifactTemplate.init(row:))
    }
  }

  /// The artifact that was deleted last from under a file name and is still kept.
  public func deletedArtifact(
    channelID: Int64, subdir: String, fileName: String
  ) async throws(MetadataError) -> ArtifactTemplate? {
    try await read { db in
      try db.one(ArtifactTemplate.selectDeleted, [channelID, subdir, fileName]).map(
        ArtifactTemplate.init(row:))
    }
  }

  /// Ends a restoration: the artifact that was published again gets its time, uploader and count back.
  public func finishRestoring(
    _ template: ArtifactTemplate, as id: UUID, actor: UUID?, now: Date
  ) async throws(MetadataError) {
    try await write { db in
      let artifact = template.artifact
      try db.run(
        "UPDATE artifact SET timeCreated = ?, uploaderID = ?, downloadCount = downloadCount + ? WHERE id = ?",
        [template.timeCreated.milliseconds, artifact.uploaderID, template.downloadCount, id])
      try db.run("DELETE FROM deletedArtifact WHERE number = ?", [template.deletedNumber])
      try db.appendAudit(
        AuditEntry(
          time: now, actorID: actor, action: "artifact.restore", channelID: artifact.channelID,
          subject: "\(artifact.subdir)/\(artifact.fileName)"))
    }
  }

  /// Forgets what was deleted before a time; its bytes then go with the garbage collection.
  public func purgeDeletedArtifacts(before time: Date) async throws(MetadataError) {
    _ = try await write(isLarge: true) { db in
      try db.run("DELETE FROM deletedArtifact WHERE deletedAt < ?", [time.milliseconds])
    }
  }
}

extension Database {
  /// Keeps what artifacts were that are about to be deleted.
  func keepDeleted(_ files: FormerFiles, now: Date) throws {
    let insert = """
      INSERT INTO deletedArtifact
        (\(ArtifactTemplate.names), channelName, deletedAt)
      SELECT \(ArtifactTemplate.columns), channel.name, ? \(ArtifactTemplate.source)
      JOIN channel ON channel.id = artifact.channelID
      """
    switch files {
    case .artifact(let id): try run("\(insert) WHERE artifact.id = ?", [now.milliseconds, id])
    case .package(let id): try run("\(insert) WHERE artifact.packageID = ?", [now.milliseconds, id])
    case .channel(let id): try run("\(insert) WHERE artifact.channelID = ?", [now.milliseconds, id])
    }
  }
}

extension ArtifactTemplate {
  fileprivate static let names = """
    channelID, packageName, summary, description, subdir, fileName, format, version, build, buildNumber, size, \
    sha256, md5, uploaderID, timeCreated, downloadCount, info, runExports, channelData, yankReason, yankedAt
    """

  /// The same columns, in order, of an artifact that is there.
  fileprivate static let columns = """
    artifact.channelID, package.name AS packageName, package.summary, package.description, artifact.subdir, \
    artifact.fileName, artifact.format, artifact.version, artifact.build, artifact.buildNumber, artifact.size, \
    artifact.sha256, artifact.md5, artifact.uploaderID, artifact.timeCreated, artifact.downloadCount, \
    artifactRecord.info, artifactRecord.runExports, artifactRecord.channelData, \
    yank.reason AS yankReason, yank.yankedAt
    """

  fileprivate static let source = """
    FROM artifact JOIN package ON package.id = artifact.packageID \
    JOIN artifactRecord ON artifactRecord.artifactKey = artifact.key \
    LEFT JOIN yank ON yank.artifactKey = artifact.key
    """

  static let selectDeleted = """
    SELECT * FROM deletedArtifact WHERE channelID = ? AND subdir = ? AND fileName = ?
    ORDER BY deletedAt DESC LIMIT 1
    """

  fileprivate init(row: Row) throws {
    let created = try row.time("timeCreated")
    var artifact = NewArtifact(
      channelID: try row.value("channelID"), packageName: try row.value("packageName"),
      subdir: try row.value("subdir"), fileName: try row.value("fileName"), format: try row.value("format"),
      version: try row.value("version"), build: try row.value("build"),
      buildNumber: try row.value("buildNumber"), size: try row.value("size"),
      sha256: try row.sha256("sha256"), md5: try row.md5("md5"), info: try row.value("info"),
      runExports: try row.value("runExports"),
      channelData: try ChannelDataEntry(stored: row.value("channelData")), summary: try row.value("summary"),
      description: try row.value("description"), uploaderID: try row.value("uploaderID"),
      createPackageOwner: true, now: created, sizeLimit: nil)
    artifact.yank = try Yank(row: row)
    self.init(
      artifact: artifact, timeCreated: created, downloadCount: try row.value("downloadCount"),
      deletedNumber: try row.value("number"))
  }
}
