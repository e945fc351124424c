public import CondaTypes
public import Foundation
internal import GRDB

extension MetadataStore {
  /// The patches of a channel, by subdir.
  public func patches(channelID: Int64) async throws(MetadataError) -> [PatchRow] {
    try await read { db in
      try db.all(PatchRow.select, [channelID]).map { row in
        PatchRow(
          subdir: try row.value("subdir"), version: try row.value("version"), origin: try row.value("origin"),
          createdAt: try row.time("createdAt"), instructionCount: try row.value("instructionCount"),
          artifactCount: try row.value("artifactCount"))
      }
    }
  }

  /// Whether a subdir has a patch.
  public func hasPatch(channelID: Int64, subdir: String) async throws(MetadataError) -> Bool {
    try await read { db in
      try db.one("SELECT 1 FROM patch WHERE channelID = ? AND subdir = ?", [channelID, subdir]) != nil
    }
  }

  /// The instructions of a subdir's patch; nil if it has none.
  public func patchInstructions(
    channelID: Int64, subdir: String
  ) async throws(MetadataError) -> PatchInstructions? {
    try await read { db in
      let patch = try db.one(
        "SELECT version FROM patch WHERE channelID = ? AND subdir = ?", [channelID, subdir])
      guard let patch else { return nil }
      let rows = try db.all(
        "SELECT * FROM patchInstruction WHERE channelID = ? AND subdir = ?", [channelID, subdir])
      let changes = try rows.map { row in (try row.value("fileName") as String, try row.change()) }
      return PatchInstructions(
        version: try patch.value("version"), changes: Dictionary(changes) { first, _ in first })
    }
  }

  /// Puts patches in the place of those that subdirs have, in one transaction; the other subdirs keep theirs.
  ///
  /// Every artifact that the old or the new instructions name gets its record made anew from the original. Other writers
  /// wait meanwhile: about 0.1 ms for each of these artifacts.
  /// - Parameters:
  ///   - instructions: By subdir; nil takes the patch away.
  ///   - origin: The patch package, if they come from one.
  /// - Throws: `.notFound` if the channel is gone.
  public func setPatches(
    channelID: Int64, _ instructions: [String: PatchInstructions?], origin: String?, now: Date
  ) async throws(MetadataError) {
    try await write(isLarge: true) { db in
      _ = try db.requireChannel(id: channelID)
      for (subdir, patch) in instructions.sorted(by: { $0.key < $1.key }) {
        try db.ensureSubdir(channelID: channelID, subdir: subdir)
        var touched = try db.restoreOriginals(channelID: channelID, subdir: subdir)
        try db.run("DELETE FROM patch WHERE channelID = ? AND subdir = ?", [channelID, subdir])
        if let patch {
          try db.store(patch, channelID: channelID, subdir: subdir, origin: origin, now: now)
          touched.formUnion(try db.applyInstructions(channelID: channelID, subdir: subdir))
        }
        try db.replace(touched, channelID: channelID, subdir: subdir)
        // Also where nothing matched: there is one document more, or one less.
        _ = try db.nextGeneration(channelID: channelID, subdir: subdir)
        try db.audit(
          patch == nil ? "patch.remove" : "patch.set", channelID: channelID, subject: subdir,
          detail: ["artifacts": .integer(Int64(touched.count))].merging(
            origin.map { ["origin": .string($0)] } ?? [:]
          ) { first, _ in first })
      }
    }
  }
}

extension PatchRow {
  static let select = """
    SELECT subdir, version, origin, createdAt,
      (SELECT count(*) FROM patchInstruction
        WHERE channelID = patch.channelID AND subdir = patch.subdir) AS instructionCount,
      (SELECT count(*) FROM originalRecord JOIN artifact ON artifact.key = originalRecord.artifactKey
        WHERE artifact.channelID = patch.channelID AND artifact.subdir = patch.subdir) AS artifactCount
    FROM patch WHERE channelID = ? ORDER BY subdir
    """

  /// The artifacts that a subdir's instructions name, the `.conda` beside a `.tar.bz2` among them.
  fileprivate static let selectArtifacts = """
    SELECT artifact.key FROM patchInstruction JOIN artifact
      ON artifact.channelID = patchInstruction.channelID AND artifact.subdir = patchInstruction.subdir
        AND artifact.fileName = patchInstruction.fileName
    WHERE patchInstruction.channelID = :channelID AND patchInstruction.subdir = :subdir
    UNION
    SELECT artifact.key FROM patchInstruction JOIN artifact
      ON artifact.channelID = patchInstruction.channelID AND artifact.subdir = patchInstruction.subdir
        AND artifact.fileName = substr(patchInstruction.fileName, 1, length(patchInstruction.fileName) - 8) || '.conda'
    WHERE patchInstruction.channelID = :channelID AND patchInstruction.subdir = :subdir
      AND patchInstruction.fileName LIKE '%.tar.bz2'
    """
}

extension Row {
  /// What an instruction says.
  func change() throws -> PatchInstructions.Change {
    let fields: String? = try value("changes")
    return PatchInstructions.Change(
      fields: try fields.map { try JSONValue(parsing: $0.utf8).asObject ?? [:] } ?? [:],
      isRevoked: try value("isRevoked"), isRemoved: try value("isRemoved"))
  }
}

extension Database {
  fileprivate func store(
    _ patch: PatchInstructions, channelID: Int64, subdir: String, origin: String?, now: Date
  ) throws {
    try run(
      "INSERT INTO patch (channelID, subdir, version, origin, createdAt) VALUES (?, ?, ?, ?, ?)",
      [channelID, subdir, patch.version, origin, now.milliseconds])
    for (fileName, change) in patch.changes {
      try run(
        """
        INSERT INTO patchInstruction (channelID, subdir, fileName, changes, isRevoked, isRemoved)
        VALUES (?, ?, ?, ?, ?, ?)
        """,
        [
          channelID, subdir, fileName,
          change.fields.isEmpty ? nil : JSONValue.object(change.fields).canonicalText(), change.isRevoked,
          change.isRemoved,
        ])
    }
  }

  /// Takes a patch back from all records of a subdir; returns the artifacts it had changed.
  fileprivate func restoreOriginals(channelID: Int64, subdir: String) throws -> Set<Int64> {
    // Numbers, not rows: there may be a hundred thousand.
    let keys = try Int64.fetchAll(
      cachedStatement(
        sql: """
          SELECT artifactKey FROM originalRecord JOIN artifact ON artifact.key = originalRecord.artifactKey
          WHERE artifact.channelID = ? AND artifact.subdir = ?
          """), arguments: [channelID, subdir])
    for key in keys {
      try run(
        """
        UPDATE artifactRecord SET (json, runExports, messagePack) = (
          SELECT json, runExports, messagePack FROM originalRecord WHERE artifactKey = :key)
        WHERE artifactKey = :key
        """, ["key": key])
      try run("DELETE FROM originalRecord WHERE artifactKey = ?", [key])
    }
    return Set(keys)
  }

  /// Applies the stored instructions to all artifacts that they name; returns those.
  fileprivate func applyInstructions(channelID: Int64, subdir: String) throws -> Set<Int64> {
    let keys = try Int64.fetchAll(
      cachedStatement(sql: PatchRow.selectArtifacts), arguments: ["channelID": channelID, "subdir": subdir])
    for key in keys {
      guard let row = try one("SELECT fileName FROM artifact WHERE key = ?", [key]) else { continue }
      try patchRecord(
        artifactKey: key, channelID: channelID, subdir: subdir, fileName: row.value("fileName"))
    }
    return Set(keys)
  }

  /// Puts artifacts whose records changed where they belong, and lets package rows and shards follow.
  fileprivate func replace(_ keys: Set<Int64>, channelID: Int64, subdir: String) throws {
    var changed: [Int64: Bool] = [:]
    for key in keys.sorted() {
      let row = try one("SELECT packageID FROM artifact WHERE key = ?", [key])
      guard let packageID: Int64 = try row?.value("packageID") else { continue }
      changed[packageID, default: false] = try place(artifactKey: key) || changed[packageID] == true
    }
    for (packageID, hasMoved) in changed.sorted(by: { $0.key < $1.key }) {
      if hasMoved { try recomputePackage(id: packageID) }
      try markStale(
        channelID: channelID, subdir: subdir, packageName: requirePackage(id: packageID).name)
    }
  }
}
