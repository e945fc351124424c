import CZstd
import Foundation

/// Decodes blocks behind something else than they were made behind: those that lean on what was there come out as something
/// else, or not at all.
///
/// What stands before them here leaves three repeated offsets that are larger than a window. Whoever uses one of them, or an
/// offset of one's own that goes back beyond the first block, gets bytes from there and not from the blocks' content. An offset
/// that the content has room for might be right by chance, where records of equal length follow each other.
///
/// Use it from one thread at a time.
final class ZstdProbe {
  private let context: OpaquePointer
  /// The compressed blocks of what stands before, and how much content they have.
  private let lead: [UInt8]
  private let leadSize: Int
  /// Twice as much as is compressed together.
  private let windowLog: Int
  /// What is decoded; kept, because fresh memory takes the kernel longer than decoding does.
  private var decoded: [UInt8] = []

  /// - Parameter windowLog: That of the blocks.
  init(windowLog: Int) throws(ZstdError) {
    self.windowLog = windowLog + 1
    let content = ZstdLead.content(seed: 88_675_123, distance: 1 << windowLog)
    let compressor = try ZstdCompressor()
    try ZstdParts.check(ZSTD_CCtx_setParameter(compressor.context, ZSTD_c_contentSizeFlag, 0))
    try ZstdParts.check(ZSTD_CCtx_setParameter(compressor.context, ZSTD_c_windowLog, Int32(self.windowLog)))
    var status = 0
    let frame = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(content.count)) { buffer, count in
      status = ZSTD_compress2(compressor.context, buffer.baseAddress, buffer.count, content, content.count)
      count = ZSTD_isError(status) == 0 ? status : 0
    }
    try ZstdParts.check(status)
    guard let lead = ZstdParts.blocks(of: frame), lead.count < 1000 else {
      throw .refused("the library does not compress as expected")
    }
    guard let context = ZSTD_createDCtx() else { throw .outOfMemory }
    (self.lead, leadSize, self.context) = (lead, content.count, context)
  }

  deinit { ZSTD_freeDCtx(context) }

  /// Whether the blocks decode to these bytes behind others too.
  func isIndependent(_ blocks: [UInt8], of bytes: [UInt8]) -> Bool {
    let size = leadSize + bytes.count
    if decoded.count < size { decoded = [UInt8](repeating: 0, count: size) }
    let frame = ZstdParts.frame([lead, blocks], contentSize: size, windowLog: windowLog)
    return decoded.withUnsafeMutableBytes { decoded in
      let count = ZSTD_decompressDCtx(context, decoded.baseAddress, decoded.count, frame, frame.count)
      guard ZSTD_isError(count) == 0, count == size else { return false }
      return bytes.withUnsafeBytes { bytes in
        guard let start = decoded.baseAddress, let original = bytes.baseAddress else { return bytes.isEmpty }
        return memcmp(start + leadSize, original, bytes.count) == 0
      }
    }
  }
}

/// What stands before blocks while they are made, or probed.
enum ZstdLead {
  /// Bytes that nothing else resembles, three pieces of which come twice: compressed they leave three repeated offsets that
  /// are of no use to anything behind them, and no entropy tables.
  ///
  /// - Parameters:
  ///   - seed: Other seeds, other bytes.
  ///   - spacing: How far apart the repeated pieces are; it decides about the offsets. From 32 to 112.
  ///   - distance: How many equal bytes, of a value that neither text nor MessagePack has, stand before the repeated pieces: all
  ///     offsets are larger.
  static func content(seed: UInt32, spacing: Int = 64, distance: Int = 0) -> [UInt8] {
    var state = seed
    let noise = (0..<256).map { _ -> UInt8 in
      state ^= state << 13
      state ^= state >> 17
      state ^= state << 5
      return UInt8(truncatingIfNeeded: state >> 8)
    }
    let repeated = [2, 0, 1].flatMap { noise[$0 * spacing..<$0 * spacing + 32] }
    // Compressors do not look for what begins in the last few bytes.
    let run = [UInt8](repeating: 0xC1, count: distance)
    return noise + run + repeated + noise[240...].reversed()
  }
}
