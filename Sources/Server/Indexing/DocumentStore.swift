import Backends
import CondaTypes
import Foundation
import Metadata
import NIOPosix

/// Where derived files are put: the documents store, a folder for files in the making, threads to make them on.
struct DocumentStore: Sendable {
  let blobs: any BlobStore
  /// In the file system of `blobs`; emptied at start.
  let folder: String
  let threads: NIOThreadPool
  let now: @Sendable () -> Date

  /// Stores a finished document under its digest; the row that names it is for the caller to commit.
  func put(_ document: FinishedDocument, channelID: Int64, path: String) async throws -> DocumentRow {
    let body = BlobBody(
      source: .file(path: document.path, move: true), size: document.size, sha256: document.digest.hex)
    try await blobs.put(body, at: BlobLayout.key(for: document.digest))
    withExtendedLifetime(document) {}
    return DocumentRow(
      channelID: channelID, path: path, sha256: document.digest, size: document.size, modifiedAt: now())
  }
}
