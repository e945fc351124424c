import CZstd

/// Compresses a stream of bytes into one zstd frame, chunk by chunk. Use it from one thread at a time.
///
/// The same bytes, level and pledged size give the same frame as long as they are written in chunks of the
/// same sizes.
public final class ZstdEncoder {
  private let context: OpaquePointer
  private let output: (UnsafeRawBufferPointer) throws -> Void
  private let buffer: UnsafeMutableRawBufferPointer

  /// Begins a frame.
  ///
  /// - Parameters:
  ///   - level: 1 (fast) to 19 (small); up to 22 with much memory, below 1 for speed.
  ///   - pledgedSize: How many bytes will be written; the frame then declares it, and another number is an error.
  ///   - output: Takes the compressed bytes; the buffer is valid during the call.
  public init(
    level: Int, pledgedSize: Int64? = nil, output: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) throws(ZstdError) {
    guard let context = ZSTD_createCCtx() else { throw .outOfMemory }
    self.context = context
    self.output = output
    buffer = .allocate(byteCount: ZSTD_CStreamOutSize(), alignment: 16)
    try Self.check(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(clamping: level)))
    if let pledgedSize {
      guard pledgedSize >= 0 else { throw .refused("negative size") }
      try Self.check(ZSTD_CCtx_setPledgedSrcSize(context, UInt64(pledgedSize)))
    }
  }

  deinit {
    ZSTD_freeCCtx(context)
    buffer.deallocate()
  }

  /// Compresses `bytes`. Throws `ZstdError` or what `output` throws.
  public func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }

  /// Compresses `bytes`. Throws `ZstdError` or what `output` throws.
  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    try run(bytes, ZSTD_e_continue)
  }

  /// Ends the frame. Nothing can be written after.
  public func finish() throws {
    try run(UnsafeRawBufferPointer(start: nil, count: 0), ZSTD_e_end)
  }

  private func run(_ bytes: UnsafeRawBufferPointer, _ mode: ZSTD_EndDirective) throws {
    var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
    var remaining = 0
    repeat {
      var target = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
      remaining = ZSTD_compressStream2(context, &target, &source, mode)
      try Self.check(remaining)
      if target.pos > 0 { try output(UnsafeRawBufferPointer(rebasing: buffer[..<target.pos])) }
    } while source.pos < source.size || (mode == ZSTD_e_end && remaining > 0)
  }

  private static func check(_ status: Int) throws(ZstdError) {
    guard ZSTD_isError(status) == 0 else { throw .refused(String(cString: ZSTD_getErrorName(status))) }
  }
}
