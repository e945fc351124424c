import Foundation
import Locks
import NIOCore
import S3Signer

/// One blob on its way into a ``FileSystemStore``: bytes gather in a temporary file, which gets its name at
/// the end.
///
/// Readers see the old blob or the whole new one. Unless ``commit(durably:)`` succeeds, nothing is left: the
/// temporary file goes with this object. All methods block; they are called one after the other.
final class AtomicWrite: Sendable {
  private struct Progress: ~Copyable {
    var size: Int64 = 0
    var hasher: SHA256Hasher?
    var isOpen = true
  }

  private let key: BlobKey
  private let folders: StoreFolders
  private let announcedSize: Int64?
  private let announcedDigest: String?
  private let temporaryPath: String
  private let descriptor: Int32
  private let progress: Guarded<Progress>

  /// Makes the temporary file, empty, and locks it, so that no other store on this root takes it for a
  /// leftover.
  init(of body: BlobBody, at key: BlobKey, in folders: StoreFolders) throws(BlobStoreError) {
    self.key = key
    self.folders = folders
    announcedSize = body.size
    announcedDigest = body.sha256
    // Not a UUID, for which Foundation opens /dev/urandom. The file must not exist yet.
    let name = String(UInt64.random(in: .min ... .max), radix: 16)
    temporaryPath = folders.absolute(TemporaryFolder.name) + "/" + name
    let path = temporaryPath
    descriptor = repeatedIfInterrupted { open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644) }
    guard descriptor >= 0 else { throw BlobStoreError.failed("open", at: path, key: key) }
    flock(descriptor, LOCK_EX | LOCK_NB)
    progress = Guarded(Progress(hasher: body.sha256 == nil ? nil : SHA256Hasher()))
  }

  deinit {
    abandon()
  }

  /// Appends the readable bytes of `buffer`.
  func append(_ buffer: ByteBuffer) throws(BlobStoreError) {
    // `withUnsafeReadableBytes` cannot rethrow a typed error, so the outcome leaves it as a value.
    let outcome = buffer.withUnsafeReadableBytes { bytes in
      Result { () throws(BlobStoreError) in try append(bytes) }
    }
    try outcome.get()
  }

  /// Appends `bytes`.
  ///
  /// - Throws: `.digestMismatch` as soon as there are more bytes than announced; `.outOfSpace`.
  func append(_ bytes: UnsafeRawBufferPointer) throws(BlobStoreError) {
    let size = progress.withLock { progress in
      progress.hasher?.update(bytes)
      progress.size += Int64(bytes.count)
      return progress.size
    }
    if let announcedSize, size > announcedSize {
      throw BlobStoreError(
        .digestMismatch, key: key, message: "\(announcedSize) bytes announced, more given")
    }
    var rest = bytes[...]
    while !rest.isEmpty {
      let unwritten = UnsafeRawBufferPointer(rebasing: rest)
      let count = repeatedIfInterrupted {
        Foundation.write(descriptor, unwritten.baseAddress, unwritten.count)
      }
      guard count > 0 else { throw BlobStoreError.failed("write", at: temporaryPath, key: key) }
      rest = rest.dropFirst(count)
    }
  }

  /// Checks what was announced, flushes the bytes if they are to be durable, and gives the file its name.
  func commit(durably: Bool) throws(BlobStoreError) {
    try check()
    if durably, repeatedIfInterrupted({ fsync(descriptor) }) != 0 {
      throw BlobStoreError.failed("fsync", at: temporaryPath, key: key)
    }
    let path = BlobPath.relativePath(of: key)
    try folders.rename(temporaryPath, to: path, key: key)
    progress.withLock { progress in
      progress.isOpen = false
      close(descriptor)
    }
    if durably { try folders.flush(StoreFolders.parent(of: path), key: key) }
  }

  /// Removes the temporary file; does nothing after a commit.
  func abandon() {
    progress.withLock { progress in
      guard progress.isOpen else { return }
      progress.isOpen = false
      unlink(temporaryPath)
      close(descriptor)
    }
  }

  private func check() throws(BlobStoreError) {
    let (size, digest) = progress.withLock { progress -> (Int64, String?) in
      guard let hasher = progress.hasher.take() else { return (progress.size, nil) }
      return (progress.size, Hex.encode(hasher.finish()))
    }
    if let announcedSize, size != announcedSize {
      throw BlobStoreError(
        .digestMismatch, key: key, message: "\(announcedSize) bytes announced, \(size) given")
    }
    if let announcedDigest, let digest, digest != announcedDigest {
      throw BlobStoreError(
        .digestMismatch, key: key,
        message: "SHA-256 \(announcedDigest) announced, the bytes have \(digest)")
    }
  }
}
