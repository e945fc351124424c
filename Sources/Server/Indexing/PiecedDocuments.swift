import CondaTypes
import Metadata

/// Documents of a subdir that hold the same records, and so are cut into the same pieces.
protocol PiecedDocuments {
  /// Their file names, in the order in which they are handed around.
  var names: [String] { get }
  /// Which records are in them, in `packages` and `packages.conda`.
  var form: RecordForm { get }

  /// Writes what stands before the records of `packages`.
  mutating func begin(_ targets: [any DocumentTarget]) throws

  /// Writes what stands between them and those of `packages.conda`.
  mutating func beginCondaPackages(_ targets: [any DocumentTarget]) throws

  /// Writes what stands behind those.
  mutating func end(_ targets: [any DocumentTarget]) throws

  /// Adds a record to each document's piece, without what separates it from others.
  func append(_ record: RecordVisit, to pieces: inout [[UInt8]])
}

/// What the index shows: `repodata.json` and `run_exports.json`.
struct ShownDocuments: PiecedDocuments {
  let names = ["repodata.json", "run_exports.json"]
  let form = RecordForm.shown
  private let snapshot: SubdirSnapshot
  private var repodata: RepodataWriter
  private var runExports: RunExportsWriter

  /// - Parameter info: Members of `info` in `repodata.json`, beside the subdir.
  init(of snapshot: SubdirSnapshot, info: [String: JSONValue]) {
    self.snapshot = snapshot
    repodata = RepodataWriter(subdir: snapshot.subdir, info: info)
    runExports = RunExportsWriter(subdir: snapshot.subdir)
  }

  mutating func begin(_ targets: [any DocumentTarget]) throws {
    try targets[0].append { repodata.begin(into: &$0) }
    try targets[1].append { runExports.begin(into: &$0) }
  }

  mutating func beginCondaPackages(_ targets: [any DocumentTarget]) throws {
    try targets[0].append { repodata.beginCondaPackages(into: &$0) }
    try targets[1].append { runExports.beginCondaPackages(into: &$0) }
  }

  mutating func end(_ targets: [any DocumentTarget]) throws {
    try SubdirTail(repodata: targets[0], runExports: targets[1]).write(snapshot, &repodata, &runExports)
  }

  func append(_ record: RecordVisit, to pieces: inout [[UInt8]]) {
    RepodataWriter.appendEntry(record.fileName, record: record.json, to: &pieces[0])
    RunExportsWriter.appendEntry(record.fileName, runExports: record.runExports, to: &pieces[1])
  }
}
