import CArchive

/// Why bytes could not be compressed with bzip2: libarchive's own words.
public struct Bzip2Error: Error, Sendable, Hashable {
  /// What libarchive says.
  public let message: String
}

/// Compresses a stream of bytes into one bzip2 stream, chunk by chunk, with libarchive. Use it from one thread at a time.
public final class Bzip2Encoder {
  private let archive: OpaquePointer
  private let output: Output

  /// Begins a stream.
  ///
  /// - Parameter output: Takes the compressed bytes; the buffer is valid during the call.
  public init(output: @escaping (UnsafeRawBufferPointer) throws -> Void) throws {
    guard let archive = archive_write_new() else { throw Bzip2Error(message: "out of memory") }
    self.archive = archive
    self.output = Output(output)
    try check(archive_write_set_format_raw(archive))
    try check(archive_write_add_filter_bzip2(archive))
    try check(archive_write_set_bytes_per_block(archive, 64 << 10))
    try check(archive_write_set_bytes_in_last_block(archive, 1))
    try check(
      archive_write_open(archive, Unmanaged.passUnretained(self.output).toOpaque(), nil, passOn, nil))
    guard let entry = archive_entry_new() else { throw Bzip2Error(message: "out of memory") }
    defer { archive_entry_free(entry) }
    archive_entry_set_filetype(entry, UInt32(0o100000))
    try check(archive_write_header(archive, entry))
  }

  deinit { archive_write_free(archive) }

  /// Compresses `bytes`. Throws `Bzip2Error` or what `output` throws.
  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while !rest.isEmpty {
      let count = archive_write_data(archive, rest.baseAddress, rest.count)
      guard count > 0 else { throw failure() }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Ends the stream. Nothing can be written after.
  public func finish() throws { try check(archive_write_close(archive)) }

  private func check(_ status: Int32) throws {
    guard status >= ARCHIVE_WARN else { throw failure() }
  }

  private func failure() -> any Error {
    output.error
      ?? Bzip2Error(message: archive_error_string(archive).map { String(cString: $0) } ?? "cannot be written")
  }

  /// Where the bytes go, and the error that came from there.
  fileprivate final class Output {
    private let write: (UnsafeRawBufferPointer) throws -> Void
    private(set) var error: (any Error)?

    init(_ write: @escaping (UnsafeRawBufferPointer) throws -> Void) { self.write = write }

    func take(_ bytes: UnsafeRawBufferPointer) -> Int {
      do {
        try write(bytes)
        return bytes.count
      } catch {
        self.error = error
        return -1
      }
    }
  }
}

private func passOn(
  _ archive: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ bytes: UnsafeRawPointer?, _ count: Int
) -> Int {
  guard let context, let bytes else { return -1 }
  return Unmanaged<Bzip2Encoder.Output>.fromOpaque(context).takeUnretainedValue()
    .take(UnsafeRawBufferPointer(start: bytes, count: count))
}
