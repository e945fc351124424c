import CondaTypes
import Metadata

/// What repodata would be without the subdir's patch: `repodata_from_packages.json`, as conda-index calls it.
struct UnpatchedDocument: PiecedDocuments {
  static let name = "repodata_from_packages.json"

  let names = [name]
  let form = RecordForm.unpatched
  private let snapshot: SubdirSnapshot
  private var writer: RepodataWriter

  /// - Parameter info: Members of `info`, beside the subdir and the revisions.
  init(of snapshot: SubdirSnapshot, info: [String: JSONValue]) throws {
    self.snapshot = snapshot
    var info = info
    // Counts would have to leave out what the patch removes; the key alone says that there is such a part.
    if try snapshot.revision3() != nil { info["repodata_revisions"] = ["v3": [:]] }
    writer = RepodataWriter(subdir: snapshot.subdir, info: info)
  }

  mutating func begin(_ targets: [any DocumentTarget]) throws {
    try targets[0].append { writer.begin(into: &$0) }
  }

  mutating func beginCondaPackages(_ targets: [any DocumentTarget]) throws {
    try targets[0].append { writer.beginCondaPackages(into: &$0) }
  }

  mutating func end(_ targets: [any DocumentTarget]) throws {
    try snapshot.forEachYanked { name in try targets[0].append { writer.appendRemoved(name, to: &$0) } }
    try forEachV3(of: snapshot) { name, format, record in
      try targets[0].append {
        writer.appendV3(distribution: name, record: record.json, format: format, to: &$0)
      }
    }
    try targets[0].append { writer.finish(into: &$0) }
  }

  func append(_ record: RecordVisit, to pieces: inout [[UInt8]]) {
    RepodataWriter.appendEntry(record.fileName, record: record.json, to: &pieces[0])
  }
}
