import Backends
import CondaTypes
import Foundation
import Metadata
import NIOPosix

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where derived files are put: the documents store, a folder for files in the making, threads to make them on.
struct DocumentStore: Sendable {
  let blobs: any BlobStore
  /// In the file system of `blobs`; emptied at start.
  let folder: String
  /// Threads of their own: making documents is work of seconds, and gives way to requests.
  let threads: NIOThreadPool
  /// What is copied from former documents has to be proven like what is served.
  let trust: DocumentTrust
  let now: @Sendable () -> Date

  /// Runs work that takes long and may block, on a thread that gives way to all others.
  func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await threads.runGivingWay(body)
  }

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

extension NIOThreadPool {
  /// Runs work that takes long and may block, on a thread that from then on gives way to all others.
  func runGivingWay<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await runIfActive {
      #if os(Linux)
        // On Linux a thread has a nice value of its own, and 0 is the calling one.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
      #endif
      return try body()
    }
  }
}
