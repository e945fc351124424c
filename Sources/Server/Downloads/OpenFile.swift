import Backends
import CondaTypes
import NIOCore
import NIOPosix

#if canImport(Glibc)
  import CDispatch  // where the compiler finds `struct stat`, next to NIO
  import Glibc
#else
  import Darwin
#endif

/// A file opened for reading, closed with its last reference.
package final class OpenFile: Sendable {
  /// Bytes hashed at a time.
  private static let hashedPiece = 256 << 10

  private let descriptor: Int32
  /// For regions of this file; one event loop at a time may use it.
  let handle: NIOFileHandle

  /// - Parameter end: How many bytes the file must have at least.
  init(path: String, key: BlobKey, end: Int64) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let kind: BlobStoreError.Kind = errno == ENOENT ? .notFound : .unavailable
      throw BlobStoreError(
        kind, key: key, message: "cannot open the file: \(String(cString: strerror(errno)))")
    }
    self.descriptor = descriptor
    handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
    // A sendfile beyond the end writes nothing, and the event loop would try again for ever.
    guard lseek(descriptor, 0, SEEK_END) >= end else {
      throw BlobStoreError(.damaged, key: key, message: "the file is shorter than its row says")
    }
  }

  deinit { try? handle.close() }  // nobody uses it any more: it cannot be busy

  /// A handle of its own for whoever may be on another event loop.
  func duplicate() throws -> NIOFileHandle {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw IOError(errnoCode: errno, reason: "dup") }
    return NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: copy)
  }

  /// In bytes, now.
  func size() throws -> Int64 {
    let size = lseek(descriptor, 0, SEEK_END)
    guard size >= 0 else { throw IOError(errnoCode: errno, reason: "lseek") }
    return Int64(size)
  }

  func read(_ range: Range<Int64>) throws -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: range.count)
    var offset = range.lowerBound
    while offset < range.upperBound {
      let wanted = Int(range.upperBound - offset)
      let position = offset
      let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { target in
        max(0, pread(descriptor, target.baseAddress, wanted, off_t(position)))
      }
      guard count > 0 else { throw IOError(errnoCode: EIO, reason: "the file is shorter than its row says") }
      offset += Int64(count)
    }
    return buffer
  }

  /// Whether a path still leads to this file, and not to nothing or to another one.
  func isStill(at path: String) -> Bool {
    var (own, other) = (stat(), stat())
    guard fstat(descriptor, &own) == 0, stat(path, &other) == 0 else { return false }
    return own.st_dev == other.st_dev && own.st_ino == other.st_ino
  }

  /// The SHA-256 of the whole file.
  func sha256() throws -> Digest {
    let digest = try StreamingDigest(.sha256)
    let size = Int(lseek(descriptor, 0, SEEK_END))
    let piece = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(max(size, 1), Self.hashedPiece), alignment: 16)
    defer { piece.deallocate() }
    var offset: Int64 = 0
    while true {
      let count = pread(descriptor, piece.baseAddress, piece.count, off_t(offset))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw IOError(errnoCode: errno, reason: "read") }
      if count == 0 { return try digest.finish() }
      digest.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
      offset += Int64(count)
    }
  }
}
