import CondaTypes
import Metadata

/// The JSON documents of a subdir, written from one snapshot in one go, so that they agree.
///
/// Made on a database reader's queue; the bytes go to temporary files.
struct SubdirBundle: Sendable {
  let generation: Int64
  let repodata: FinishedDocument
  let current: FinishedDocument
  let runExports: FinishedDocument
  /// Repodata without the patch; nil where there is no patch.
  let unpatched: FinishedDocument?

  static let unpatchedName = "repodata_from_packages.json"

  /// The documents by file name.
  var documents: [(name: String, document: FinishedDocument)] {
    [("repodata.json", repodata), ("current_repodata.json", current), ("run_exports.json", runExports)]
      + (unpatched.map { [(Self.unpatchedName, $0)] } ?? [])
  }

  init(of snapshot: SubdirSnapshot, in folder: String) throws {
    generation = snapshot.generation
    (repodata, runExports) = try Self.writeAll(snapshot, folder)
    current = try Self.writeCurrent(snapshot, folder)
    unpatched = try snapshot.isPatched() ? Self.writeUnpatched(snapshot, folder) : nil
  }

  /// Everything that the index has: `repodata.json` and `run_exports.json`, while each record is at hand.
  private static func writeAll(
    _ snapshot: SubdirSnapshot, _ folder: String
  ) throws -> (repodata: FinishedDocument, runExports: FinishedDocument) {
    let (file, exportsFile) = (try DocumentFile(in: folder), try DocumentFile(in: folder))
    var info = try relations(snapshot)
    if let revision = try snapshot.revision3() { info["repodata_revisions"] = Self.json(revision) }
    var repodata = RepodataWriter(subdir: snapshot.subdir, info: info)
    var runExports = RunExportsWriter(subdir: snapshot.subdir)
    try file.append { repodata.begin(into: &$0) }
    try exportsFile.append { runExports.begin(into: &$0) }
    for format in [ArtifactFormat.tarBzip2, .conda] {
      try snapshot.forEachRecord(.packages, format: format.rawValue) { record in
        try file.append {
          repodata.append(fileName: record.fileName, record: record.json, format: format, to: &$0)
        }
        try exportsFile.append {
          runExports.append(record.fileName, runExports: record.runExports, format: format, to: &$0)
        }
      }
    }
    try snapshot.forEachRemoved { name in try file.append { repodata.appendRemoved(name, to: &$0) } }
    for format in [ArtifactFormat.conda, .tarBzip2] {
      try snapshot.forEachRecord(.v3, format: format.rawValue) { record in
        let name = String(record.fileName.dropLast(format.fileExtension.count))
        try file.append {
          repodata.appendV3(distribution: name, record: record.json, format: format, to: &$0)
        }
        try exportsFile.append {
          runExports.append(name, runExports: record.runExports, format: format, isV3: true, to: &$0)
        }
      }
    }
    try file.append { repodata.finish(into: &$0) }
    try exportsFile.append { runExports.finish(into: &$0) }
    return (try FinishedDocument(file), try FinishedDocument(exportsFile))
  }

  /// What `CurrentSelection` chooses: `current_repodata.json`.
  private static func writeCurrent(_ snapshot: SubdirSnapshot, _ folder: String) throws -> FinishedDocument {
    let file = try DocumentFile(in: folder)
    var writer = RepodataWriter(subdir: snapshot.subdir, info: try relations(snapshot))
    try file.append { writer.begin(into: &$0) }
    for record in try CurrentSelection.choose(from: snapshot) {
      let format: ArtifactFormat = record.format == ArtifactFormat.conda.rawValue ? .conda : .tarBzip2
      try snapshot.withRecord(key: record.key) { json in
        try file.append { writer.append(fileName: record.fileName, record: json, format: format, to: &$0) }
      }
    }
    try snapshot.forEachRemoved { name in try file.append { writer.appendRemoved(name, to: &$0) } }
    try file.append { writer.finish(into: &$0) }
    return try FinishedDocument(file)
  }

  /// What repodata would be without the patch: `repodata_from_packages.json`, as conda-index calls it.
  private static func writeUnpatched(_ snapshot: SubdirSnapshot, _ folder: String) throws -> FinishedDocument
  {
    let file = try DocumentFile(in: folder)
    // Counts would have to leave out what the patch removes; the key alone says that there is such a part.
    var info = try relations(snapshot)
    if try snapshot.revision3() != nil { info["repodata_revisions"] = ["v3": [:]] }
    var writer = RepodataWriter(subdir: snapshot.subdir, info: info)
    try file.append { writer.begin(into: &$0) }
    for format in [ArtifactFormat.tarBzip2, .conda] {
      try snapshot.forEachOriginal(.packages, format: format.rawValue) { record in
        try file.append {
          writer.append(fileName: record.fileName, record: record.json, format: format, to: &$0)
        }
      }
    }
    try snapshot.forEachYanked { name in try file.append { writer.appendRemoved(name, to: &$0) } }
    for format in [ArtifactFormat.conda, .tarBzip2] {
      try snapshot.forEachOriginal(.v3, format: format.rawValue) { record in
        let name = String(record.fileName.dropLast(format.fileExtension.count))
        try file.append { writer.appendV3(distribution: name, record: record.json, format: format, to: &$0) }
      }
    }
    try file.append { writer.finish(into: &$0) }
    return try FinishedDocument(file)
  }

  private static func relations(_ snapshot: SubdirSnapshot) throws -> [String: JSONValue] {
    try snapshot.relations().json.map { ["channel_relations": $0] } ?? [:]
  }

  private static func json(_ revision: SubdirSnapshot.Revision) -> JSONValue {
    [
      "v3": [
        "n_packages": .integer(revision.count), "newest": .integer(revision.newest),
        "oldest": .integer(revision.oldest),
      ]
    ]
  }
}
