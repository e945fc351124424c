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
  ///
  /// - Throws: `.digestMismatch` as soon as there are more bytes than announced; `.outOfSpace`.
  func append(_ buffer: ByteBuffer) throws(BlobStoreError) {
    let size = progress.withLock { progress in
      buffer.withUnsafeReadableBytes { progress.hasher?.update($0) }
      progress.size += Int64(buffer.readableBytes)
      return progress.size
    }
    if let announcedSize, size > announcedSize {
      throw BlobStoreError(
        .digestMismatch, key: key, message: "\(announcedSize) bytes announced, more given")
    }
    try Self.write(buffer, to: descriptor, at: temporaryPath, key: key)
  }

  /// Writes all of a buffer to an open file.
  static func write(
    _ buffer: ByteBuffer, to descriptor: Int32, at path: String, key: BlobKey
  ) throws(BlobStoreError) {
    var rest = buffer
    while rest.readableBytes > 0 {
      var code: Int32 = 0
      let count = rest.readWithUnsafeReadableBytes { bytes in
        let count = repeatedIfInterrupted { Foundation.write(descriptor, bytes.baseAddress, bytes.count) }
        if count < 0 { code = errno }
        return max(count, 0)
      }
      guard count > 0 else { throw BlobStoreError.failed("write", at: path, key: key, errno: code) }
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
