import CondaTypes
import Metadata

/// What a document of a subdir is written to, piece by piece.
protocol DocumentTarget {
  /// Appends whatever `body` adds to the buffer.
  func append(_ body: (inout [UInt8]) -> Void) throws
}

/// The end of `repodata.json` and `run_exports.json`, behind `packages.conda`: what was removed, what stands under `v3`.
struct SubdirTail {
  let repodata: any DocumentTarget
  let runExports: any DocumentTarget

  func write(
    _ snapshot: SubdirSnapshot, _ records: inout RepodataWriter, _ exports: inout RunExportsWriter
  ) throws {
    try snapshot.forEachRemoved { name in
      try repodata.append { records.appendRemoved(name, to: &$0) }
    }
    for format in [ArtifactFormat.conda, .tarBzip2] {
      try snapshot.forEachRecord(.v3, format: format.rawValue) { record in
        let name = String(record.fileName.dropLast(format.fileExtension.count))
        try repodata.append {
          records.appendV3(distribution: name, record: record.json, format: format, to: &$0)
        }
        try runExports.append {
          exports.append(name, runExports: record.runExports, format: format, isV3: true, to: &$0)
        }
      }
    }
    try repodata.append { records.finish(into: &$0) }
    try runExports.append { exports.finish(into: &$0) }
  }
}
