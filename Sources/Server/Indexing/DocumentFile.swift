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
  /// Where the next byte goes.
  var position: Int64 { size + Int64(buffer.count) }
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  private let digest: StreamingDigest
  private let digestsAtEnd: Bool
  private let copy: ((UnsafeRawBufferPointer) throws -> Void)?
  private static let bufferSize = 256 << 10

  /// - Parameters:
  ///   - folder: In the file system of the documents store, so that the store can rename the file.
  ///   - digestsAtEnd: Whether the start will be replaced, so that the SHA-256 is worked out from the finished file.
  ///   - copy: Is given all bytes too, in large pieces.
  init(
    in folder: String, digestsAtEnd: Bool = false, copy: ((UnsafeRawBufferPointer) throws -> Void)? = nil
  ) throws {
    path = "\(folder)/document-\(String(UInt64.random(in: .min ... .max), radix: 16))"
    digest = try StreamingDigest(.sha256)
    self.digestsAtEnd = digestsAtEnd
    self.copy = copy
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

  /// Writes other bytes over the first ones, which have come already.
  func replaceStart(with bytes: [UInt8]) throws {
    precondition(digestsAtEnd, "the digest of the first bytes is part of the state")
    try flush()
    guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else { throw SpoolError(errno: errno) }
  }

  /// Writes out the rest and returns the digest; the file can then be taken by a store.
  func finish() throws -> Digest {
    try flush()
    if digestsAtEnd { try readAll { digest.update($0) } }
    buffer = []
    return try digest.finish()
  }

  private func flush() throws {
    try buffer.withUnsafeBytes { bytes in
      if !digestsAtEnd { digest.update(bytes) }
      try copy?(bytes)
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

  /// Reads the file from its beginning, piece by piece.
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
