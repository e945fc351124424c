import CondaTypes
import Foundation
internal import GRDB

/// A record without and with a patch.
struct PatchedRecord {
  let original: [String: JSONValue]
  let originalRunExports: RunExports
  let members: [String: JSONValue]
  let runExports: RunExports
  let isRemoved: Bool

  /// - Parameters:
  ///   - json: The original record.
  ///   - runExports: The original run exports; nil for none.
  init(json: String, runExports: String?, by changes: [PatchInstructions.Change]) throws {
    original = try JSONValue(parsing: json.utf8).asObject ?? [:]
    originalRunExports = try runExports.map { try RunExports.parse(Array($0.utf8)).get() } ?? RunExports()
    members = changes.isEmpty ? original : PackageRecord.patched(original, by: changes)
    self.runExports = PackageRecord.patchedRunExports(originalRunExports, by: changes)
    isRemoved = changes.contains(where: \.isRemoved)
  }

  /// What the index shows of it, run exports included.
  var shown: [String: JSONValue] { members.merging(["run_exports": runExports.json]) { first, _ in first } }
}

extension Database {
  /// What the subdir's patch says of an artifact, in the order in which it counts.
  func patchChanges(channelID: Int64, subdir: String, fileName: String) throws -> [PatchInstructions.Change] {
    let rows = try all(
      """
      SELECT * FROM patchInstruction WHERE channelID = ? AND subdir = ? AND fileName IN (?, ?)
      ORDER BY fileName = ?
      """, [channelID, subdir, fileName, PatchInstructions.twin(of: fileName), fileName])
    return try rows.map { row in try row.change() }
  }

  /// Applies the subdir's patch to a record that is as its artifact made it, and keeps that; says whether there was any.
  @discardableResult
  func patchRecord(
    artifactKey key: Int64, channelID: Int64, subdir: String, fileName: String
  ) throws -> Bool {
    let changes = try patchChanges(channelID: channelID, subdir: subdir, fileName: fileName)
    if changes.isEmpty { return false }
    let row = try one("SELECT json, runExports FROM artifactRecord WHERE artifactKey = ?", [key])
    guard let row else { throw MetadataError(.damaged, "a package record is missing") }
    let patched = try PatchedRecord(
      json: row.value("json"), runExports: row.value("runExports"), by: changes)
    try run(
      """
      INSERT INTO originalRecord (artifactKey, json, runExports, messagePack, isRemoved)
      SELECT artifactKey, json, runExports, messagePack, ? FROM artifactRecord WHERE artifactKey = ?
      """, [patched.isRemoved, key])
    try run(
      "UPDATE artifactRecord SET json = ?, runExports = ?, messagePack = ? WHERE artifactKey = ?",
      [
        JSONValue.object(patched.members).canonicalText(), patched.runExports.json.canonicalText(),
        Data(PackageRecord.messagePack(of: patched.members, runExports: patched.runExports)), key,
      ])
    return true
  }
}
