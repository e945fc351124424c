import Backends
import CondaArchive
import CondaTypes
import Foundation
import Metadata
import NIOPosix

/// The whole-subdir documents, made from the rows of one snapshot: `repodata.json`, `repodata.json.zst` and `index.html`.
///
/// Records are joined as they lie in the database, never parsed; memory does not grow with their number.
struct SubdirDocuments: Sendable {
  let metadata: MetadataStore
  let store: DocumentStore
  let channel: ChannelRow
  let subdir: String
  let zstdLevel: Int

  /// The rows of the documents made, and the generation of the subdir they show.
  func make() async throws -> (rows: [DocumentRow], generation: Int64) {
    let repodata = RepodataSink(folder: store.folder, subdir: subdir)
    let generation = try await metadata.snapshotRecords(channelID: channel.id, subdir: subdir) { record in
      try repodata.append(record)
    }
    let level = zstdLevel
    let (json, zst) = try await store.threads.runIfActive {
      let json = try repodata.finish()
      return (json, try json.compressed(level: level, in: store.folder))
    }
    let page = try await makePage()
    return (
      [
        try await store.put(json, channelID: channel.id, path: "\(subdir)/repodata.json"),
        try await store.put(zst, channelID: channel.id, path: "\(subdir)/repodata.json.zst"),
        try await store.put(page, channelID: channel.id, path: "\(subdir)/index.html"),
      ], generation
    )
  }

  /// A page that lists the newest artifacts; beyond the limit, repodata is the list.
  private func makePage() async throws -> FinishedDocument {
    let listing = try await metadata.listing(
      channelID: channel.id, subdir: subdir, limit: SubdirPage.maxRows)
    return try await store.threads.runIfActive {
      try FinishedDocument(
        bytes: SubdirPage.html(channel: channel, subdir: subdir, listing), in: store.folder)
    }
  }
}

/// A finished temporary file that a store may take.
struct FinishedDocument: @unchecked Sendable {
  // Sendable by construction: the file is finished, and only read from here on.
  private let file: DocumentFile
  let digest: Digest
  var path: String { file.path }
  var size: Int64 { file.size }

  init(_ file: DocumentFile) throws {
    digest = try file.finish()
    self.file = file
  }

  init(bytes: [UInt8], in folder: String) throws {
    let file = try DocumentFile(in: folder)
    try bytes.withUnsafeBytes { try file.append($0) }
    try self.init(file)
  }

  /// The same bytes as one zstd frame that declares their number.
  func compressed(level: Int, in folder: String) throws -> FinishedDocument {
    let target = try DocumentFile(in: folder)
    let encoder = try ZstdEncoder(level: level, pledgedSize: size) { try target.append($0) }
    try file.readAll { try encoder.write($0) }
    try encoder.finish()
    return try FinishedDocument(target)
  }
}

/// Collects the records of a snapshot into `repodata.json`.
///
/// The visits come from one reader's queue, one after the other, and `finish` after the last of them.
private final class RepodataSink: @unchecked Sendable {
  private let folder: String
  private var writer: RepodataWriter
  private var file: DocumentFile?

  init(folder: String, subdir: String) {
    self.folder = folder
    writer = RepodataWriter(subdir: subdir)
  }

  func append(_ record: RecordVisit) throws {
    let format: ArtifactFormat = record.format == ArtifactFormat.conda.rawValue ? .conda : .tarBzip2
    try begun().append { buffer in
      writer.append(fileName: record.fileName, record: record.json, format: format, to: &buffer)
    }
  }

  func finish() throws -> FinishedDocument {
    let file = try begun()
    try file.append { writer.finish(into: &$0) }
    return try FinishedDocument(file)
  }

  private func begun() throws -> DocumentFile {
    if let file { return file }
    let file = try DocumentFile(in: folder)
    self.file = file
    try file.append { writer.begin(into: &$0) }
    return file
  }
}
