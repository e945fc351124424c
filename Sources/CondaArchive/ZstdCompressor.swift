import CZstd

/// Compresses one byte array after the other with the same memory. Use it from one thread at a time.
public final class ZstdCompressor {
  let context: OpaquePointer

  /// A compressor, which takes its memory with the first array.
  public init() throws(ZstdError) {
    guard let context = ZSTD_createCCtx() else { throw .outOfMemory }
    self.context = context
  }

  deinit { ZSTD_freeCCtx(context) }

  /// One frame that declares its content size, without a checksum; the same as `ZstdCompression.compress`.
  ///
  /// - Parameter level: 1 (fast) to 19 (small); up to 22 with much memory, below 1 for speed.
  public func compress(_ bytes: [UInt8], level: Int) throws(ZstdError) -> [UInt8] {
    var status = 0
    let frame = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { buffer, count in
      status = ZSTD_compressCCtx(
        context, buffer.baseAddress, buffer.count, bytes, bytes.count, Int32(clamping: level))
      count = ZSTD_isError(status) == 0 ? status : 0
    }
    guard ZSTD_isError(status) == 0 else { throw .refused(String(cString: ZSTD_getErrorName(status))) }
    return frame
  }
}
