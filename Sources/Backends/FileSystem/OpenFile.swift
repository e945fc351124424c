import Foundation
import NIOCore

/// A blob's file, open for reading; closed when nobody holds it any more. Methods block.
final class OpenFile: Sendable {
  private let descriptor: Int32
  /// Where it was when it was opened.
  let path: String
  private let key: BlobKey

  /// Opens the file.
  ///
  /// - Throws: `.notFound`; `.permissionDenied`; `.unavailable` if the process has no file descriptor left.
  init(_ path: String, key: BlobKey) throws(BlobStoreError) {
    self.path = path
    self.key = key
    descriptor = repeatedIfInterrupted { open(path, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else {
      throw BlobStoreError.failed("open", at: path, key: key, ifMissing: .notFound)
    }
  }

  deinit {
    close(descriptor)
  }

  /// What is known about the blob, from the open file.
  func info() throws(BlobStoreError) -> BlobInfo {
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw BlobStoreError.failed("fstat", at: path, key: key) }
    return try BlobInfo(key: key, facts: facts, path: path)
  }

  /// `length` bytes from `offset` on, fewer only at the end of the file.
  func read(at offset: Int64, length: Int) throws(BlobStoreError) -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: length)
    while buffer.readableBytes < length {
      let wanted = length - buffer.readableBytes
      let position = off_t(offset) + off_t(buffer.readableBytes)
      var code: Int32 = 0
      let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { bytes in
        let count = repeatedIfInterrupted { pread(descriptor, bytes.baseAddress, wanted, position) }
        if count < 0 { code = errno }
        return max(count, 0)
      }
      if code == EIO {
        throw BlobStoreError(.damaged, key: key, message: "the disk cannot read '\(path)' at \(position)")
      }
      if code != 0 { throw BlobStoreError.failed("pread", at: path, key: key, errno: code) }
      if count == 0 { break }
    }
    return buffer
  }

  /// Flushes the file's bytes to disk, which Linux allows through any descriptor.
  func flush() throws(BlobStoreError) {
    guard repeatedIfInterrupted({ fsync(descriptor) }) == 0 else {
      throw BlobStoreError.failed("fsync", at: path, key: key)
    }
  }
}

extension BlobInfo {
  /// What `stat` says about the file at `path`. Blocks.
  init(key: BlobKey, statusOf path: String) throws(BlobStoreError) {
    var facts = stat()
    guard stat(path, &facts) == 0 else {
      throw BlobStoreError.failed("stat", at: path, key: key, ifMissing: .notFound)
    }
    try self.init(key: key, facts: facts, path: path)
  }

  /// - Throws: `.notFound` for anything but a regular file: it is none of ours.
  init(key: BlobKey, facts: stat, path: String) throws(BlobStoreError) {
    guard facts.st_mode & S_IFMT == S_IFREG else {
      throw BlobStoreError(.notFound, key: key, message: "'\(path)' is not a regular file")
    }
    let seconds = Double(facts.st_mtim.tv_sec) + Double(facts.st_mtim.tv_nsec) / 1e9
    self.init(
      key: key, size: Int64(facts.st_size), modified: Date(timeIntervalSince1970: seconds))
  }
}
