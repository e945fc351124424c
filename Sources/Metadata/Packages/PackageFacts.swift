import CondaTypes
import Foundation
internal import GRDB

// What a package's row says about its artifacts: the current version, its time, the subdirs, the channeldata
// entry.

extension Database {
  /// Makes the package of its first artifact; returns its ID.
  func insertPackage(of new: NewArtifact, versionKey: Data) throws -> Int64 {
    try run(
      """
      INSERT INTO package
        (channelID, name, summary, description, url, platforms, currentVersion, currentVersionKey,
         currentBuildNumber, latestChange, channelData, createdAt)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        new.channelID, new.packageName, new.summary, new.description, new.channelData.home,
        PackageRow.stored(subdirs: [new.subdir]), new.version, versionKey, new.buildNumber,
        new.now.milliseconds, new.channelData.stored, new.now.milliseconds,
      ])
    let id = lastInsertedRowID
    if new.createPackageOwner { try addPackageMember(packageID: id, userID: new.uploaderID, role: .owner) }
    return id
  }

  /// Adds one artifact to what its package's row says. Cost does not grow with the number of artifacts.
  func addToPackage(_ package: PackageRow, _ new: NewArtifact, versionKey: Data) throws {
    let existing = try package.channelData.map(ChannelDataEntry.init(stored:))
    let merged = existing.map { $0.merged(with: new.channelData) } ?? new.channelData
    let subdirs = Set(package.platforms ?? []).union([new.subdir]).sorted()
    // One statement, because the schema wants version, time and platforms to appear together.
    try run(
      """
      UPDATE package SET
        summary = coalesce(summary, :summary), description = coalesce(description, :description),
        url = :url, platforms = :platforms, channelData = :channelData,
        currentVersion = iif(isNewest, :version, currentVersion),
        currentVersionKey = iif(isNewest, :versionKey, currentVersionKey),
        currentBuildNumber = iif(isNewest, :buildNumber, currentBuildNumber),
        latestChange = iif(isNewest, :now, latestChange)
      FROM (
        SELECT currentVersionKey IS NULL
          OR (:versionKey, :buildNumber) >= (currentVersionKey, currentBuildNumber) AS isNewest
        FROM package WHERE id = :id)
      WHERE id = :id
      """,
      [
        "summary": new.summary, "description": new.description, "url": merged.home,
        "platforms": PackageRow.stored(subdirs: subdirs), "channelData": merged.stored, "id": package.id,
        "version": new.version, "versionKey": versionKey, "buildNumber": new.buildNumber,
        "now": new.now.milliseconds,
      ])
  }

  /// Works out from all artifacts in the index what a package's row says, after one of them changed, moved or went.
  func recomputePackage(id: Int64) throws {
    var merged: ChannelDataEntry?
    let entries = try all(
      """
      SELECT artifactRecord.channelData FROM artifact
      JOIN artifactRecord ON artifactRecord.artifactKey = artifact.key
      WHERE artifact.packageID = ? AND artifact.placement <> 'removed'
      ORDER BY artifact.versionKey, artifact.buildNumber, artifact.key
      """, [id])
    for row in entries {
      let entry = try ChannelDataEntry(stored: row.value("channelData"))
      merged = merged.map { $0.merged(with: entry) } ?? entry
    }
    let subdirs: [String] = try all(
      "SELECT DISTINCT subdir FROM artifact WHERE packageID = ? AND placement <> 'removed' ORDER BY subdir",
      [id]
    ).map { row in try row.value("subdir") }
    try run(
      """
      UPDATE package SET
        (currentVersion, currentVersionKey, currentBuildNumber, latestChange) = (
          SELECT version, versionKey, buildNumber, timeCreated FROM artifact
          WHERE packageID = :id AND placement <> 'removed'
          ORDER BY versionKey DESC, buildNumber DESC, timeCreated DESC, key DESC LIMIT 1),
        url = :url, platforms = :platforms, channelData = :channelData
      WHERE id = :id
      """,
      [
        "url": merged?.home, "platforms": subdirs.isEmpty ? nil : PackageRow.stored(subdirs: subdirs),
        "channelData": merged?.stored, "id": id,
      ])
  }
}

extension ChannelDataEntry {
  /// Reads an entry from the database.
  init(stored text: String) throws {
    try self.init(json: JSONValue(parsing: Array(text.utf8)))
  }

  /// The entry as it lies in the database.
  var stored: String { json.canonicalText() }

  /// The summary of what both say.
  func merged(with other: ChannelDataEntry) -> ChannelDataEntry {
    var entry = self
    entry.merge(other)
    return entry
  }

  /// The package's home page.
  var home: String? { json["home"]?.asString }
}
