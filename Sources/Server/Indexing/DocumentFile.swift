import CondaTypes
import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A document being written: a temporary file with its size and SHA-256 kept along the way.
///
/// Used by one thread. Its memory is one buffer, whatever the document's size.
final class DocumentFile {
  let path: String
  private(set) var size: Int64 = 0
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  private let digest: StreamingDigest
  private static let bufferSize = 256 << 10

  /// - Parameter folder: In the file system of the documents store, so that the store can rename the file.
  init(in folder: String) throws {
    path = "\(folder)/document-\(UUID().uuidString.lowercased())"
    digest = try StreamingDigest(.sha256)
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw SpoolError(errno: errno) }
    buffer.reserveCapacity(Self.bufferSize + (64 << 10))
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    unlink(path)
  }

  /// Appends whatever `body` adds to the buffer.
  func append(_ body: (inout [UInt8]) -> Void) throws {
    body(&buffer)
    if buffer.count >= Self.bufferSize { try flush() }
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws {
    try append { $0.append(contentsOf: bytes) }
  }

  /// Writes out the rest and returns the digest; the file can then be read or taken by a store.
  func finish() throws -> Digest {
    try flush()
    return try digest.finish()
  }

  private func flush() throws {
    try buffer.withUnsafeBytes { bytes in
      digest.update(bytes)
      var rest = bytes
      while !rest.isEmpty {
        let count = write(descriptor, rest.baseAddress, rest.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw SpoolError(errno: errno) }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
    size += Int64(buffer.count)
    buffer.removeAll(keepingCapacity: true)
  }

  /// Reads the finished file from its beginning, piece by piece.
  func readAll(_ visit: (UnsafeRawBufferPointer) throws -> Void) throws {
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferSize, alignment: 16)
    defer { piece.deallocate() }
    var offset: Int64 = 0
    while offset < size {
      let count = pread(descriptor, piece.baseAddress, piece.count, off_t(offset))
      guard count > 0 else { throw SpoolError(errno: count < 0 ? errno : EIO) }
      try visit(UnsafeRawBufferPointer(rebasing: piece[..<count]))
      offset += Int64(count)
    }
  }
}
