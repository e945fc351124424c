public import CondaTypes
import Foundation
internal import GRDB

extension MetadataStore {
  /// What `setPatches` would change about a subdir's records, without changing anything.
  ///
  /// - Parameter limit: How many differences at most.
  public func previewPatch(
    channelID: Int64, subdir: String, _ instructions: PatchInstructions, limit: Int
  ) async throws(MetadataError) -> PatchPreview {
    try await read { db in
      var preview = PatchPreview(differences: [], total: 0, unmatched: 0)
      let present = try db.patchedFiles(channelID: channelID, subdir: subdir)
      var files = Set(present)
      for name in instructions.changes.keys {
        files.insert(name)
        if let conda = PatchPreview.condaTwin(of: name) { files.insert(conda) }
      }
      for name in files.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
        guard
          let difference = try db.difference(
            channelID: channelID, subdir: subdir, fileName: name, by: instructions.changes(for: name))
        else {
          if instructions.changes[name] != nil,
            try !db.hasArtifact(channelID: channelID, subdir: subdir, fileName: name)
          {
            preview.unmatched += 1
          }
          continue
        }
        preview.total += 1
        if preview.differences.count < limit { preview.differences.append(difference) }
      }
      return preview
    }
  }
}

extension PatchPreview {
  fileprivate static func condaTwin(of name: String) -> String? {
    let (old, new) = (ArtifactFormat.tarBzip2.fileExtension, ArtifactFormat.conda.fileExtension)
    return name.hasSuffix(old) ? name.dropLast(old.count) + new : nil
  }
}

extension Database {
  /// The files whose records a patch changes now.
  fileprivate func patchedFiles(channelID: Int64, subdir: String) throws -> [String] {
    try all(
      """
      SELECT fileName FROM originalRecord JOIN artifact ON artifact.key = originalRecord.artifactKey
      WHERE artifact.channelID = ? AND artifact.subdir = ?
      """, [channelID, subdir]
    ).map { row in try row.value("fileName") }
  }

  fileprivate func hasArtifact(channelID: Int64, subdir: String, fileName: String) throws -> Bool {
    try one(
      "SELECT 1 FROM artifact WHERE channelID = ? AND subdir = ? AND fileName = ?",
      [channelID, subdir, fileName]) != nil
  }

  /// What changes make of an artifact, against what the index shows of it; nil if it is the same or not there.
  fileprivate func difference(
    channelID: Int64, subdir: String, fileName: String, by changes: [PatchInstructions.Change]
  ) throws -> PatchDifference? {
    let row = try one(
      """
      SELECT artifactRecord.json, artifactRecord.runExports, originalRecord.json AS originalJSON,
        originalRecord.runExports AS originalRunExports, originalRecord.isRemoved
      FROM artifact JOIN artifactRecord ON artifactRecord.artifactKey = artifact.key
      LEFT JOIN originalRecord ON originalRecord.artifactKey = artifact.key
      WHERE artifact.channelID = ? AND artifact.subdir = ? AND artifact.fileName = ?
      """, [channelID, subdir, fileName])
    guard let row else { return nil }
    let original: String? = try row.value("originalJSON")
    let present = try PatchedRecord(json: row.value("json"), runExports: row.value("runExports"), by: [])
    let future = try PatchedRecord(
      json: original ?? row.value("json"),
      runExports: row.value(original == nil ? "runExports" : "originalRunExports"), by: changes)
    let wasRemoved: Bool = try row.value("isRemoved") ?? false
    let (before, after) = (present.shown, future.shown)
    let keys = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
    if keys.isEmpty && wasRemoved == future.isRemoved { return nil }
    return PatchDifference(
      fileName: fileName, wasRemoved: wasRemoved, isRemoved: future.isRemoved,
      before: before.filter { keys.contains($0.key) }, after: after.filter { keys.contains($0.key) })
  }
}
