import Foundation

/// An open file, read from its beginning as a `ByteSource` and at any offset besides.
final class FileSource: ByteSource {
  /// The open file.
  let descriptor: Int32
  /// Its size in bytes when it was opened.
  let size: Int64
  private var offset: Int64 = 0
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 16)

  /// Opens a regular file.
  ///
  /// - Throws: `.unreadable`; `.emptyFile`.
  init(path: String) throws(ArchiveError) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let reason = errno
      buffer.deallocate()
      throw .unreadable(errno: reason)
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      buffer.deallocate()
      throw .unreadable(errno: EINVAL)
    }
    size = Int64(status.st_size)
    if size == 0 {
      // `deinit` runs: every field is set.
      throw .emptyFile
    }
  }

  deinit {
    close(descriptor)
    buffer.deallocate()
  }

  func next() throws(ArchiveError) -> UnsafeRawBufferPointer? {
    let count = try read(at: offset, into: buffer)
    offset += Int64(count)
    return count == 0 ? nil : UnsafeRawBufferPointer(rebasing: buffer[..<count])
  }

  /// The `count` bytes at `offset`; fewer at the end of the file.
  func bytes(at offset: Int64, count: Int) throws(ArchiveError) -> [UInt8] {
    guard offset >= 0, offset < size, count > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: Int(min(Int64(count), size - offset)))
    var filled = 0
    while filled < bytes.count {
      let result = bytes.withUnsafeMutableBytes { buffer in
        Result { () throws(ArchiveError) in
          try read(
            at: offset + Int64(filled), into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
        }
      }
      let count = try result.get()
      if count == 0 { break }
      filled += count
    }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }

  private func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int
  {
    while true {
      let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
      if count >= 0 { return count }
      guard errno == EINTR else { throw .unreadable(errno: errno) }
    }
  }
}
