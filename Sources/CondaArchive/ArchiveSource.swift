import Foundation

/// An archive's bytes, in an open file or in memory: read from the beginning as a `ByteSource`, and at any offset besides.
public final class ArchiveSource: ByteSource {
  /// Where the bytes are.
  enum Storage {
    /// In an open file, which is closed with the source.
    case file(descriptor: Int32)
    /// In memory that outlives the source.
    case memory(UnsafeRawBufferPointer)
  }

  /// Where they are.
  let storage: Storage
  /// How many there are, in the file when it was opened.
  let size: Int64
  private var offset: Int64 = 0
  /// What was read of the file last.
  private let buffer: UnsafeMutableRawBufferPointer

  /// Opens a regular file.
  ///
  /// - Throws: `.unreadable`; `.emptyFile`.
  public init(path: String) throws(ArchiveError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(errno: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .unreadable(errno: EINVAL)
    }
    storage = .file(descriptor: descriptor)
    size = Int64(status.st_size)
    buffer = .allocate(byteCount: 128 << 10, alignment: 16)
    // `deinit` runs: every field is set.
    if size == 0 { throw .emptyFile }
  }

  /// Takes bytes in memory.
  ///
  /// - Parameter bytes: Must stay where they are until the source is gone.
  /// - Throws: `.emptyFile`.
  public init(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
    storage = .memory(bytes)
    size = Int64(bytes.count)
    buffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    if size == 0 { throw .emptyFile }
  }

  deinit {
    if case .file(let descriptor) = storage { close(descriptor) }
    buffer.deallocate()
  }

  func next() throws(ArchiveError) -> UnsafeRawBufferPointer? {
    let chunk: UnsafeRawBufferPointer
    switch storage {
    case .file(let descriptor):
      let count = try Self.read(descriptor, at: offset, into: buffer)
      chunk = UnsafeRawBufferPointer(rebasing: buffer[..<count])
    case .memory(let bytes):
      chunk = UnsafeRawBufferPointer(rebasing: bytes[Int(offset)...])
    }
    offset += Int64(chunk.count)
    return chunk.isEmpty ? nil : chunk
  }

  /// The `count` bytes at `offset`; fewer at the end.
  func bytes(at offset: Int64, count: Int) throws(ArchiveError) -> [UInt8] {
    guard offset >= 0, offset < size, count > 0 else { return [] }
    let count = Int(min(Int64(count), size - offset))
    switch storage {
    case .file(let descriptor):
      return try Self.readAll(descriptor, at: offset, count: count)
    case .memory(let bytes):
      return Array(bytes[Int(offset)..<Int(offset) + count])
    }
  }

  private static func readAll(
    _ descriptor: Int32, at offset: Int64, count: Int
  ) throws(ArchiveError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < bytes.count {
      let result = bytes.withUnsafeMutableBytes { buffer in
        Result { () throws(ArchiveError) in
          try read(
            descriptor, at: offset + Int64(filled),
            into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
        }
      }
      let count = try result.get()
      if count == 0 { break }
      filled += count
    }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }

  private static func read(
    _ descriptor: Int32, at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(ArchiveError) -> Int {
    while true {
      let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
      if count >= 0 { return count }
      guard errno == EINTR else { throw .unreadable(errno: errno) }
    }
  }
}
