import CondaTypes
import Foundation
internal import GRDB

extension MetadataStore {
  /// Publishes an artifact: its row, its package, the channel's size, the audit line and the marks that make
  /// the index follow, all in one transaction, which concurrent uploads share.
  ///
  /// A file that is overwritten keeps its ID, its creation time and its download count; it keeps its indexed
  /// timestamp, and stays yanked, only if the bytes are the same, because new bytes are a new artifact to those
  /// who wait before trusting one.
  ///
  /// - Parameters:
  ///   - replacing: Overwrite a file of this name, if there is one, instead of refusing.
  ///   - announced: How it was announced, if it was.
  ///   - render: Makes the package record once its times are known. Called inside the transaction: keep it
  ///     short.
  /// - Throws: `.conflict` if the file, or another file with the same version and build, exists;
  ///   `.quotaExceeded`; `.notFound` if the channel is gone; `.constraint` if the values contradict each
  ///   other.
  public func publishArtifact(
    _ new: NewArtifact, replacing: Bool, announced: AnnouncedWrite? = nil,
    render: @escaping @Sendable (RecordTimes) throws -> RenderedRecord
  ) async throws(MetadataError) -> PublishedArtifact {
    let versionKey = Data((try? Version(parsing: new.version))?.sortKey ?? [])
    return try await write(isRepeatable: true, announced: announced) { db in
      try db.publish(new, versionKey: versionKey, replacing: replacing, render: render)
    }
  }
}

/// What a file was before it is overwritten.
private struct ExistingArtifact {
  let key: Int64
  let id: UUID
  let packageID: Int64
  let size: Int64
  let sha256: Digest
  let indexedTimestamp: Int64

  init(row: Row) throws {
    key = try row.value("key")
    id = try row.value("id")
    packageID = try row.value("packageID")
    size = try row.value("size")
    sha256 = try row.sha256("sha256")
    indexedTimestamp = try row.value("indexedTimestamp")
  }
}

extension Database {
  fileprivate func publish(
    _ new: NewArtifact, versionKey: Data, replacing: Bool, render: (RecordTimes) throws -> RenderedRecord
  ) throws -> PublishedArtifact {
    let existing = try one(
      """
      SELECT key, id, packageID, size, sha256, indexedTimestamp FROM artifact
      WHERE channelID = ? AND subdir = ? AND fileName = ?
      """, [new.channelID, new.subdir, new.fileName], as: ExistingArtifact.init(row:))
    if existing != nil && !replacing {
      throw MetadataError(.conflict(what: "artifact"), "this artifact exists already")
    }
    try charge(new, replacing: existing)
    try touchBlobs(of: new, replacing: existing)
    let package = try package(channelID: new.channelID, name: new.packageName)
    let packageID = try package?.id ?? insertPackage(of: new, versionKey: versionKey)
    var times = RecordTimes(publishedAt: new.now)
    if let existing, existing.sha256 == new.sha256 { times.indexedTimestamp = existing.indexedTimestamp }
    let id = existing?.id ?? UUID(timeOrderedAt: new.now)
    let key: Int64
    if let existing {
      key = existing.key
      try overwrite(existing, with: new, packageID: packageID, versionKey: versionKey, times: times)
    } else {
      key = try insert(new, id: id, packageID: packageID, versionKey: versionKey, times: times)
    }
    try storeRecord(of: new, key: key, rendered: try render(times))
    let isPatched = try patchRecord(
      artifactKey: key, channelID: new.channelID, subdir: new.subdir, fileName: new.fileName)
    if existing == nil, let package { try addToPackage(package, new, versionKey: versionKey) }
    if existing == nil, let yank = new.yank { try setYank(yank, artifactKey: key) }
    if existing != nil || isPatched || new.yank != nil {
      // A patch may have taken it out of the index at once, and so may a yank.
      let hasMoved = try place(artifactKey: key)
      if existing != nil || hasMoved { try recomputePackage(id: packageID) }
    }
    try markStale(channelID: new.channelID, subdir: new.subdir, packageName: new.packageName)
    try auditPublication(of: new, replacing: existing)
    return PublishedArtifact(id: id, replacedSHA256: existing?.sha256, createdPackage: package == nil)
  }

  /// Counts the new bytes, and no longer the old ones, towards the channel's size, within the quota.
  private func charge(_ new: NewArtifact, replacing existing: ExistingArtifact?) throws {
    let growth = new.size - (existing?.size ?? 0)
    let size: Int64? = try one(
      "UPDATE channel SET size = size + ? WHERE id = ? RETURNING size", [growth, new.channelID]
    ) { row in try row.decode(atIndex: 0) }
    guard let size else { throw MetadataError(.notFound, "channel not found") }
    // A replacement that does not grow the channel is let in even above a quota that was lowered later.
    if let limit = new.sizeLimit, growth > 0, size > limit {
      throw MetadataError(.quotaExceeded(limit: limit), "the channel is above its quota of \(limit) bytes")
    }
  }

  /// Registers the new blob, and starts the old one's time until garbage collection.
  private func touchBlobs(of new: NewArtifact, replacing existing: ExistingArtifact?) throws {
    try run(
      """
      INSERT INTO blob (sha256, size, touchedAt) VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET touchedAt = max(touchedAt, excluded.touchedAt)
      """, [new.sha256.stored, new.size, new.now.milliseconds])
    if let existing { try touchBlob(existing.sha256, now: new.now) }
  }

  /// - Returns: The new row's key. It stands where its own format wants it; `place` knows of the rest.
  private func insert(
    _ new: NewArtifact, id: UUID, packageID: Int64, versionKey: Data, times: RecordTimes
  ) throws -> Int64 {
    try run(
      """
      INSERT INTO artifact
        (id, channelID, packageID, subdir, fileName, format, version, versionKey, build, buildNumber, size,
         sha256, md5, uploaderID, timeCreated, timeModified, indexedTimestamp, placement)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
        \(RecordPlacement.selectByFormat("?")))
      """,
      [
        id, new.channelID, packageID, new.subdir, new.fileName, new.format, new.version, versionKey,
        new.build, new.buildNumber, new.size, new.sha256.stored, new.md5.stored, new.uploaderID,
        new.now.milliseconds, times.timeModified.milliseconds, times.indexedTimestamp, new.info,
      ])
    return lastInsertedRowID
  }

  private func overwrite(
    _ existing: ExistingArtifact, with new: NewArtifact, packageID: Int64, versionKey: Data,
    times: RecordTimes
  ) throws {
    guard existing.packageID == packageID else {
      throw MetadataError(.conflict(what: "artifact"), "this file belongs to another package")
    }
    if existing.sha256 != new.sha256 {
      try remember(.artifact(id: existing.id))
      // What was wrong with the old bytes says nothing about the new ones.
      try run("DELETE FROM yank WHERE artifactKey = ?", [existing.key])
    }
    // The record comes anew, and what the patch says of it.
    try run("DELETE FROM originalRecord WHERE artifactKey = ?", [existing.key])
    try run(
      """
      UPDATE artifact SET
        format = ?, version = ?, versionKey = ?, build = ?, buildNumber = ?, size = ?, sha256 = ?, md5 = ?,
        uploaderID = ?, timeModified = ?, indexedTimestamp = ?
      WHERE key = ?
      """,
      [
        new.format, new.version, versionKey, new.build, new.buildNumber, new.size, new.sha256.stored,
        new.md5.stored, new.uploaderID, times.timeModified.milliseconds, times.indexedTimestamp, existing.key,
      ])
  }

  private func storeRecord(of new: NewArtifact, key: Int64, rendered: RenderedRecord) throws {
    try run(
      """
      INSERT OR REPLACE INTO artifactRecord (artifactKey, info, json, runExports, channelData, messagePack)
      VALUES (?, ?, ?, ?, ?, ?)
      """,
      [
        key, new.info, rendered.json, new.runExports, new.channelData.stored, Data(rendered.messagePack),
      ])
  }

  private func auditPublication(of new: NewArtifact, replacing existing: ExistingArtifact?) throws {
    let replaced = existing.map { #","replaced":"\#($0.sha256.hex)""# } ?? ""
    try appendAudit(
      AuditEntry(
        time: new.now, actorID: new.uploaderID,
        action: existing == nil ? "artifact.publish" : "artifact.replace",
        channelID: new.channelID, subject: "\(new.subdir)/\(new.fileName)",
        detail: #"{"sha256":"\#(new.sha256.hex)"\#(replaced)}"#))
  }
}
