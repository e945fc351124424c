package import Backends
package import CondaTypes
import Locks
import NIOCore

/// Copies artifacts from one store to another, several at a time, and reads back what arrived.
///
/// May be killed and run again: what is at the destination already, with the right size and the right hash, is left
/// there. Nothing is removed from the source.
package struct BlobTransfer: Sendable {
  /// One artifact's bytes.
  package struct Blob: Hashable, Sendable {
    package let sha256: Digest
    package let size: Int64

    package init(sha256: Digest, size: Int64) {
      self.sha256 = sha256
      self.size = size
    }
  }

  /// How far it is, and what came of it in the end.
  package struct Progress: Sendable {
    package var copied = 0
    package var copiedBytes: Int64 = 0
    /// Were there already.
    package var present = 0
    package var doneBytes: Int64 = 0
    /// What could not be copied, and why.
    package var failures: [Failure] = []

    package init() {}

    package var done: Int { copied + present + failures.count }
  }

  /// A blob that is not at the destination.
  package struct Failure: Sendable {
    package let blob: Blob
    package let error: BlobStoreError
  }

  /// How often one blob is tried.
  private static let attempts = 3

  let source: any BlobStore
  let destination: any BlobStore
  let parallel: Int
  /// Told of every blob that is done, one call at a time.
  let report: @Sendable (Progress) -> Void
  private let progress = Guarded(Progress())

  package init(
    from source: any BlobStore, to destination: any BlobStore, parallel: Int,
    report: @escaping @Sendable (Progress) -> Void = { _ in }
  ) {
    self.source = source
    self.destination = destination
    self.parallel = max(1, parallel)
    self.report = report
  }

  /// Copies one batch; call it again for the next.
  ///
  /// - Returns: What came of this and all earlier batches. A blob that fails does not stop the others.
  /// - Throws: The store's error where going on is pointless: no space, no permission.
  package func run(_ blobs: [Blob]) async throws -> Progress {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, blob) in blobs.enumerated() {
        if index >= parallel { try await group.next() }
        group.addTask { try await transfer(blob) }
      }
      try await group.waitForAll()
    }
    return progress.withLock { $0 }
  }

  private func transfer(_ blob: Blob) async throws {
    var attempt = 1
    while true {
      do throws(BlobStoreError) {
        let isNew = try await ensure(blob)
        note(blob) { progress in
          if isNew { progress.copied += 1 } else { progress.present += 1 }
          if isNew { progress.copiedBytes += blob.size }
        }
        return
      } catch {
        if error.kind == .outOfSpace || error.kind == .permissionDenied { throw error }
        try Task.checkCancellation()
        guard attempt < Self.attempts, error.kind != .notFound else {
          note(blob) { $0.failures.append(Failure(blob: blob, error: error)) }
          return
        }
        attempt += 1
      }
    }
  }

  private func note(_ blob: Blob, _ change: (inout Progress) -> Void) {
    progress.withLock { progress in
      change(&progress)
      progress.doneBytes += blob.size
      report(progress)
    }
  }

  /// - Returns: Whether the blob had to be copied.
  private func ensure(_ blob: Blob) async throws(BlobStoreError) -> Bool {
    let key = try Self.key(of: blob)
    if try await isSound(blob, at: key) { return false }
    try await destination.put(try await body(of: blob, at: key), at: key)
    guard try await isSound(blob, at: key) else {
      throw BlobStoreError(
        .damaged, key: key, message: "the destination does not give back the bytes it was sent")
    }
    return true
  }

  /// A file, where the source has one: a store can send it a second time if the first is broken off.
  private func body(of blob: Blob, at key: BlobKey) async throws(BlobStoreError) -> BlobBody {
    let info = try await source.info(key)
    guard info.size == blob.size else {
      throw BlobStoreError(
        .damaged, key: key, message: "the source has \(info.size) bytes, the row says \(blob.size)")
    }
    if let local = source as? any LocalFileBlobStore {
      return .file(path: local.localPath(of: key), move: false, size: blob.size, sha256: blob.sha256.hex)
    }
    return .stream(try await source.get(key).chunks, size: blob.size, sha256: blob.sha256.hex)
  }

  /// Whether the destination has these very bytes; reads them all.
  private func isSound(_ blob: Blob, at key: BlobKey) async throws(BlobStoreError) -> Bool {
    let reader: BlobReader
    do throws(BlobStoreError) {
      // The size first: bytes that are only half there need not be read.
      guard try await destination.info(key).size == blob.size else { return false }
      reader = try await destination.get(key)
    } catch {
      if error.kind == .notFound { return false }
      throw error
    }
    do throws(BlobStoreError) {
      return try await Self.digest(of: reader) == blob.sha256
    } catch {
      if error.kind == .damaged { return false }
      throw error
    }
  }

  private static func digest(of reader: BlobReader) async throws(BlobStoreError) -> Digest {
    do {
      let hash = try StreamingDigest(.sha256)
      for try await chunk in reader.chunks { chunk.withUnsafeReadableBytes { hash.update($0) } }
      return try hash.finish()
    } catch {
      throw (error as? BlobStoreError)
        ?? BlobStoreError(.unexpected, key: reader.info.key, message: "cannot hash", underlying: error)
    }
  }

  private static func key(of blob: Blob) throws(BlobStoreError) -> BlobKey {
    do {
      return try BlobLayout.key(for: blob.sha256)
    } catch {
      throw (error as? BlobStoreError)
        ?? BlobStoreError(.invalidKey, message: "no key for \(blob.sha256.hex)", underlying: error)
    }
  }
}
