import CZstd
import Foundation

/// Decodes blocks where the repeated offsets are others than where they were made, into other bytes: blocks that lean on
/// either come out as something else.
///
/// Use it from one thread at a time.
final class ZstdProbe {
  private let context: OpaquePointer
  /// The compressed blocks of another lead, and how much content they have.
  private let lead: [UInt8]
  private let leadSize: Int
  private let windowLog: Int

  init(windowLog: Int) throws(ZstdError) {
    self.windowLog = windowLog
    let content = ZstdLead.content(seed: 88_675_123, spacing: 48)
    let compressor = try ZstdCompressor()
    try ZstdParts.check(ZSTD_CCtx_setParameter(compressor.context, ZSTD_c_contentSizeFlag, 0))
    try ZstdParts.check(ZSTD_CCtx_setParameter(compressor.context, ZSTD_c_windowLog, 17))
    var status = 0
    let frame = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(content.count)) { buffer, count in
      status = ZSTD_compress2(compressor.context, buffer.baseAddress, buffer.count, content, content.count)
      count = ZSTD_isError(status) == 0 ? status : 0
    }
    try ZstdParts.check(status)
    guard let lead = ZstdParts.blocks(of: frame), lead.count < content.count else {
      throw .refused("the library does not compress as expected")
    }
    guard let context = ZSTD_createDCtx() else { throw .outOfMemory }
    (self.lead, leadSize, self.context) = (lead, content.count, context)
  }

  deinit { ZSTD_freeDCtx(context) }

  /// Whether the blocks decode to these bytes behind others too.
  func isIndependent(_ blocks: [UInt8], of bytes: [UInt8]) -> Bool {
    let size = leadSize + bytes.count
    let frame = ZstdParts.frame([lead, blocks], contentSize: size, windowLog: windowLog)
    let content = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      let size = ZSTD_decompressDCtx(context, buffer.baseAddress, buffer.count, frame, frame.count)
      count = ZSTD_isError(size) == 0 ? size : 0
    }
    guard content.count == size else { return false }
    return content.withUnsafeBytes { content in
      bytes.withUnsafeBytes { bytes in
        guard let decoded = content.baseAddress, let original = bytes.baseAddress else { return false }
        return memcmp(decoded + leadSize, original, bytes.count) == 0
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
  ///   - spacing: How far apart the repeated pieces are; it decides about the offsets. At least 32.
  static func content(seed: UInt32, spacing: Int = 64) -> [UInt8] {
    var state = seed
    let noise = (0..<256).map { _ -> UInt8 in
      state ^= state << 13
      state ^= state >> 17
      state ^= state << 5
      return UInt8(truncatingIfNeeded: state >> 8)
    }
    let repeated = [2, 0, 1].flatMap { noise[$0 * spacing..<$0 * spacing + 32] }
    // Compressors do not look for what begins in the last few bytes.
    return noise + repeated + noise[240...].reversed()
  }
}
