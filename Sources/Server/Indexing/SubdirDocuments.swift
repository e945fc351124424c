import Backends
import CondaTypes
import Foundation
import Metadata

/// The whole-subdir documents, made from the rows of one snapshot: repodata, its current subset, run exports and the page.
///
/// Records are joined as they lie in the database, never parsed, and compressed on another thread in the same pass; memory
/// does not grow with their number.
struct SubdirDocuments: Sendable {
  /// What was made: documents to be made current together, and names that have none any more.
  struct Made: Sendable {
    var rows: [DocumentRow]
    var removedPaths: [String]
    /// The state of the subdir that they show.
    var generation: Int64
    /// What the next ones can be put together from; `nil` where all documents of the subdir are among these.
    var layout: SubdirLayout?

    /// What `commitDocuments` is to be told.
    func basis() throws -> DocumentBasis {
      DocumentBasis(generation: generation, layout: try layout?.stored())
    }
  }

  let metadata: MetadataStore
  let store: DocumentStore
  let channel: ChannelRow
  let subdir: String
  let configuration: IndexConfiguration

  /// The documents that show one state together.
  func make() async throws -> Made {
    let bundle = try await store.run {
      try metadata.withSnapshotNow(channelID: channel.id, subdir: subdir) { snapshot in
        try SubdirBundle(of: snapshot, in: store, configuration: configuration)
      }
    }
    var made = Made(
      rows: [], removedPaths: bundle.absentNames.map { "\(subdir)/\($0)" }, generation: bundle.generation,
      layout: bundle.layout)
    for (name, document) in bundle.documents { made.rows.append(try await put(document, name)) }
    if made.layout == nil { made.rows.append(try await put(makePage(), "index.html")) }
    return made
  }

  /// What a large subdir has beside them, and takes longer to make.
  func makeRest() async throws -> [DocumentRow] {
    let documents = try await store.run {
      try metadata.withSnapshotNow(channelID: channel.id, subdir: subdir) { snapshot in
        try SubdirBundle.current(of: snapshot, in: store)
      }
    }
    var rows: [DocumentRow] = []
    for (name, document) in documents { rows.append(try await put(document, name)) }
    return rows + [try await put(makePage(), "index.html")]
  }

  private func put(_ document: FinishedDocument, _ name: String) async throws -> DocumentRow {
    try await store.put(document, channelID: channel.id, path: "\(subdir)/\(name)")
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

  /// Reads it from its beginning, piece by piece.
  func readAll(_ visit: (UnsafeRawBufferPointer) throws -> Void) throws { try file.readAll(visit) }

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
