import Backends
import CondaArchive
import CondaTypes
import Foundation
import Metadata
import NIOPosix

/// The whole-subdir documents, made from the rows of one snapshot: repodata, its current subset, run exports and the page.
///
/// Records are joined as they lie in the database, never parsed; memory does not grow with their number.
struct SubdirDocuments: Sendable {
  /// What was made: documents to be made current together, and names that have none any more.
  struct Made: Sendable {
    var rows: [DocumentRow]
    var removedPaths: [String]
    /// The state of the subdir that they show.
    var generation: Int64
  }

  let metadata: MetadataStore
  let store: DocumentStore
  let channel: ChannelRow
  let subdir: String
  let configuration: IndexConfiguration

  func make() async throws -> Made {
    let folder = store.folder
    let bundle = try await metadata.withSnapshot(channelID: channel.id, subdir: subdir) { snapshot in
      try SubdirBundle(of: snapshot, in: folder)
    }
    var made = Made(rows: [], removedPaths: [], generation: bundle.generation)
    for (name, document) in bundle.documents {
      let compressed = try await compress(document)
      made.rows.append(try await put(document, name))
      made.rows.append(try await put(compressed, "\(name).zst"))
    }
    if bundle.unpatched == nil {
      made.removedPaths += ["", ".zst"].map { "\(subdir)/\(SubdirBundle.unpatchedName)\($0)" }
    }
    if configuration.bz2 {
      let bz2 = try await store.threads.runIfActive { try bundle.repodata.bzip2ed(in: folder) }
      made.rows.append(try await put(bz2, "repodata.json.bz2"))
    } else {
      made.removedPaths.append("\(subdir)/repodata.json.bz2")
    }
    made.rows.append(try await put(makePage(), "index.html"))
    return made
  }

  private func compress(_ document: FinishedDocument) async throws -> FinishedDocument {
    let (level, folder) = (configuration.zstdLevel, store.folder)
    return try await store.threads.runIfActive { try document.compressed(level: level, in: folder) }
  }

  private func put(_ document: FinishedDocument, _ name: String) async throws -> DocumentRow {
    try await store.put(document, channelID: channel.id, path: "\(subdir)/\(name)")
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

  /// The same bytes as one bzip2 stream.
  func bzip2ed(in folder: String) throws -> FinishedDocument {
    let target = try DocumentFile(in: folder)
    let encoder = try Bzip2Encoder { try target.append($0) }
    try file.readAll { try encoder.write($0) }
    try encoder.finish()
    return try FinishedDocument(target)
  }
}
