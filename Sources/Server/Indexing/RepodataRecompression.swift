import Backends
import CondaArchive
import CondaTypes
import Foundation
import Locks
import Metadata

/// Compresses `repodata.json.zst` of large subdirs better, once nothing changes any more: the first time it was made for
/// speed (`DocumentCompression.fastLevel`).
struct RepodataRecompression: Sendable {
  /// A subdir whose document could be smaller.
  struct Candidate: Hashable, Sendable {
    let channelID: Int64
    let subdir: String
  }

  let metadata: MetadataStore
  let store: DocumentStore
  let level: Int
  private let waiting = Guarded<Set<Candidate>>([])

  init(metadata: MetadataStore, store: DocumentStore, level: Int) {
    self.metadata = metadata
    self.store = store
    self.level = level
  }

  var hasWork: Bool { waiting.withLock { !$0.isEmpty } }

  func note(_ candidate: Candidate) { waiting.withLock { _ = $0.insert(candidate) } }

  /// Takes one of those that wait.
  func next() -> Candidate? { waiting.withLock { $0.popFirst() } }

  /// Makes the document anew from `repodata.json` as it is served now; the row that names it is for the caller to commit.
  ///
  /// - Parameter isWanted: Asked again and again; false ends the work, which takes many seconds for a large subdir.
  /// - Returns: The document, and the `repodata.json` it is made of; nil if there is none to make, or it is not wanted.
  func make(
    _ candidate: Candidate, isWanted: @escaping @Sendable () -> Bool
  ) async throws -> (row: DocumentRow, source: Digest)? {
    let path = "\(candidate.subdir)/repodata.json"
    guard let files = store.blobs as? any LocalFileBlobStore,
      let source = try await metadata.document(channelID: candidate.channelID, path: path)
    else { return nil }
    let file = files.localPath(of: try BlobLayout.key(for: source.sha256))
    let document = try await store.run { try compress(file, isWanted: isWanted) }
    guard let document else { return nil }
    let row = try await store.put(document, channelID: candidate.channelID, path: path + ".zst")
    return (row, source.sha256)
  }

  /// Blocks.
  private func compress(_ path: String, isWanted: () -> Bool) throws -> FinishedDocument? {
    guard let input = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? input.close() }
    let target = try DocumentFile(in: store.folder, digestsAtEnd: true)
    let encoder = try ZstdEncoder(level: level, workers: 0) { try target.append($0) }
    while let piece = try input.read(upToCount: 256 << 10), !piece.isEmpty {
      guard isWanted() else { return nil }
      try piece.withUnsafeBytes { try encoder.write($0) }
    }
    try target.replaceStart(with: encoder.finish())
    return try FinishedDocument(target)
  }
}
