import Backends
import CondaArchive
import CondaTypes
import Foundation
import Metadata

/// The whole-subdir documents, made from the rows of one snapshot: `repodata.json`, `repodata.json.zst` and `index.html`.
///
/// Records are joined as they lie in the database, never parsed, and compressed on another thread in the same pass; memory
/// does not grow with their number.
struct SubdirDocuments: Sendable {
  /// From so many records on (10 MB), `repodata.json.zst` is first compressed for speed.
  static let manyRecords = 20_000
  /// 500,000 records take level 1 a second of one core and level 9 ten.
  static let fastLevel = 1

  let metadata: MetadataStore
  let store: DocumentStore
  let channel: ChannelRow
  let subdir: String
  let zstdLevel: Int

  /// The rows of the documents made, and the generation of the subdir they show.
  func make() async throws -> (rows: [DocumentRow], generation: Int64) {
    let (json, zst, generation) = try await store.run { try makeRepodata() }
    let page = try await makePage()
    return (
      [
        try await store.put(json, channelID: channel.id, path: "\(subdir)/repodata.json"),
        try await store.put(zst, channelID: channel.id, path: "\(subdir)/repodata.json.zst"),
        try await store.put(page, channelID: channel.id, path: "\(subdir)/index.html"),
      ], generation
    )
  }

  /// Blocks.
  private func makeRepodata() throws -> (json: FinishedDocument, zst: FinishedDocument, generation: Int64) {
    var sink: RepodataSink?
    let generation = try metadata.visitRecords(
      channelID: channel.id, subdir: subdir,
      begin: { count in
        let isLarge = count >= Self.manyRecords
        sink = try RepodataSink(
          folder: store.folder, subdir: subdir, level: isLarge ? Self.fastLevel : zstdLevel,
          workers: isLarge ? 1 : 0)
      },
      visit: { record in try sink?.append(record) })
    guard let (json, zst) = try sink?.finish() else { throw CancellationError() }
    return (json, zst, generation)
  }

  /// A page that lists the newest artifacts; beyond the limit, repodata is the list.
  private func makePage() async throws -> FinishedDocument {
    let listing = try await metadata.listing(
      channelID: channel.id, subdir: subdir, limit: SubdirPage.maxRows)
    return try await store.run {
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
}

/// Writes the records of a snapshot into `repodata.json` and, at the same time, into `repodata.json.zst`.
private final class RepodataSink {
  private var writer: RepodataWriter
  private let json: DocumentFile
  private let zst: DocumentFile
  private let encoder: ZstdEncoder

  /// - Parameter workers: Threads that compress beside the one that reads.
  init(folder: String, subdir: String, level: Int, workers: Int) throws {
    writer = RepodataWriter(subdir: subdir)
    let zst = try DocumentFile(in: folder, digestsAtEnd: true)
    let encoder = try ZstdEncoder(level: level, workers: workers) { try zst.append($0) }
    json = try DocumentFile(in: folder) { try encoder.write($0) }
    (self.zst, self.encoder) = (zst, encoder)
    try json.append { writer.begin(into: &$0) }
  }

  func append(_ record: RecordVisit) throws {
    let format: ArtifactFormat = record.format == ArtifactFormat.conda.rawValue ? .conda : .tarBzip2
    try json.append { buffer in
      writer.append(fileName: record.fileName, record: record.json, format: format, to: &buffer)
    }
  }

  func finish() throws -> (json: FinishedDocument, zst: FinishedDocument) {
    try json.append { writer.finish(into: &$0) }
    let document = try FinishedDocument(json)
    try zst.replaceStart(with: encoder.finish())
    return (document, try FinishedDocument(zst))
  }
}
