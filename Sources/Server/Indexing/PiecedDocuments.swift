import CondaTypes
import Metadata

/// What a document of a subdir is written to, piece by piece.
protocol DocumentTarget {
  /// Appends whatever `body` adds to the buffer.
  func append(_ body: (inout [UInt8]) -> Void) throws
}

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

extension PiecedDocuments {
  /// Writes the whole of them.
  mutating func write(_ snapshot: SubdirSnapshot, to targets: [any DocumentTarget]) throws {
    try begin(targets)
    try writeRecords(.tarBzip2, of: snapshot, to: targets)
    try beginCondaPackages(targets)
    try writeRecords(.conda, of: snapshot, to: targets)
    try end(targets)
  }

  private func writeRecords(
    _ format: ArtifactFormat, of snapshot: SubdirSnapshot, to targets: [any DocumentTarget]
  ) throws {
    var isFirst = true
    var entries = targets.map { _ in [UInt8]() }
    try snapshot.forEachRecord(.packages, format: format.rawValue, form: form) { record in
      for index in entries.indices {
        entries[index].removeAll(keepingCapacity: true)
        if !isFirst { entries[index].append(UInt8(ascii: ",")) }
      }
      append(record, to: &entries)
      for (target, entry) in zip(targets, entries) { try target.append { $0 += entry } }
      isFirst = false
    }
  }

  /// Visits the records under `v3`, `.conda` first, by the names that they have there.
  func forEachV3(
    of snapshot: SubdirSnapshot, _ visit: (_ name: String, ArtifactFormat, RecordVisit) throws -> Void
  ) throws {
    for format in [ArtifactFormat.conda, .tarBzip2] {
      try snapshot.forEachRecord(.v3, format: format.rawValue, form: form) { record in
        try visit(String(record.fileName.dropLast(format.fileExtension.count)), format, record)
      }
    }
  }
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
    try snapshot.forEachRemoved { name in try targets[0].append { repodata.appendRemoved(name, to: &$0) } }
    try forEachV3(of: snapshot) { name, format, record in
      try targets[0].append {
        repodata.appendV3(distribution: name, record: record.json, format: format, to: &$0)
      }
      try targets[1].append {
        runExports.append(name, runExports: record.runExports, format: format, isV3: true, to: &$0)
      }
    }
    try targets[0].append { repodata.finish(into: &$0) }
    try targets[1].append { runExports.finish(into: &$0) }
  }

  func append(_ record: RecordVisit, to pieces: inout [[UInt8]]) {
    RepodataWriter.appendEntry(record.fileName, record: record.json, to: &pieces[0])
    RunExportsWriter.appendEntry(record.fileName, runExports: record.runExports, to: &pieces[1])
  }
}
