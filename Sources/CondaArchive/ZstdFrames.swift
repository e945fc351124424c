import CZstd

/// zstd's decompression state: one step at a time, through any number of frames.
///
/// A frame may ask for a window of at most 128 MiB (zstd's own default), which is what level 22 makes.
final class ZstdFrames {
  /// The four bytes a frame begins with.
  static let magic: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd]

  /// Whether everything read so far is whole frames, at least one.
  private(set) var isAtEnd = false
  private let context: OpaquePointer

  init() throws(ZstdError) {
    guard let context = ZSTD_createDCtx() else { throw .outOfMemory }
    self.context = context
  }

  deinit {
    ZSTD_freeDCtx(context)
  }

  /// Takes bytes off the front of `input` and puts what they hold into `output`.
  ///
  /// - Returns: How many bytes were put. Call again while that was all of `output`: more may be waiting.
  func step(
    _ input: inout UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(ZstdError) -> Int {
    var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    let status = ZSTD_decompressStream(context, &target, &source)
    guard ZSTD_isError(status) == 0 else { throw .refused(String(cString: ZSTD_getErrorName(status))) }
    if source.pos > 0 || target.pos > 0 {
      isAtEnd = status == 0
    }
    input = UnsafeRawBufferPointer(rebasing: input[source.pos...])
    return target.pos
  }
}
