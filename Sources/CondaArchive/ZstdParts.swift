// A zstd frame (RFC 8878 §3.1.1) here:
//
//   28 B5 2F FD | descriptor | window | content size, 4 or 8 bytes | block… | last block: raw, empty
//
//   block: 3 bytes, little endian: bit 0 "last", bits 1-2 type (0 raw, 2 compressed), the rest its size | content
//
// A block may refer to what came before it in three ways: bytes (offsets into the window), entropy tables ("repeat"), and
// the three offsets used last ("repeated offsets"). One that is the first of a frame of its own has no bytes and no tables
// to refer to. The repeated offsets begin as 1, 4 and 8, and it may well use those: so what is compressed here is never the
// first block, but stands behind a lead that leaves other offsets and is left out.

import CZstd
import Foundation

/// Puts one zstd frame together from parts that were compressed on their own, so that of a large document only the parts
/// that changed are compressed again.
///
/// To a decoder it is a frame like any other, with its content size declared. Use it from one thread at a time.
public final class ZstdParts {
  /// The most content a block may have (RFC 8878 §3.1.1.2.4).
  private static let blockSize = 128 << 10
  /// The highest of zstd's ordinary levels; those beyond gain nothing with windows as small as these.
  public static let maximumLevel = 19
  /// What a frame ends with.
  public static let end: [UInt8] = [1, 0, 0]

  /// The binary logarithm of the window, which is as much as is compressed together.
  let windowLog: Int
  private let context: OpaquePointer
  /// What leans on the first stands behind the second. The first leaves offsets 128, 256 and 288, at which records of 64 or 96
  /// bytes, say, repeat as well; what repeats at 1191, 1292 or 1297, as the second leaves them, does not at those.
  private let leads = [
    ZstdLead.content(seed: 2_463_534_242),
    ZstdLead.content(seed: 3_141_592_653, spacing: 37, distance: 1009),
  ]
  private let probe: ZstdProbe

  /// Makes what compresses the parts.
  ///
  /// - Parameters:
  ///   - level: 1 (fast) to `maximumLevel`; one beyond is that. Of some hundred records, 2 to 15 make hardly
  ///     anything smaller than 1 does, and 17 a tenth, for a hundred times as long.
  ///   - windowLog: 17 (128 KiB) to 23 (8 MiB, which every decoder takes); the same for all parts of a frame.
  public init(level: Int = 1, windowLog: Int = 17) throws(ZstdError) {
    self.windowLog = windowLog
    guard let context = ZSTD_createCCtx() else { throw .outOfMemory }
    self.context = context
    do {
      probe = try ZstdProbe(windowLog: windowLog)
    } catch {
      ZSTD_freeCCtx(context)
      throw error
    }
    try Self.check(
      ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(min(level, Self.maximumLevel))))
    try Self.check(ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, Int32(windowLog)))
    try Self.check(ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0))
  }

  deinit { ZSTD_freeCCtx(context) }

  /// The blocks of a part: the same for the same bytes (and version of zstd), whatever it is put beside.
  public func part(_ bytes: [UInt8]) throws(ZstdError) -> [UInt8] {
    var blocks: [UInt8] = []
    var start = 0
    while start < bytes.count {
      let end = min(start + 1 << windowLog, bytes.count)
      blocks += try compressed(start == 0 && end == bytes.count ? bytes : Array(bytes[start..<end]))
      start = end
    }
    return blocks
  }

  /// One frame with all the parts.
  ///
  /// - Parameters:
  ///   - contentSize: How many bytes the parts were made of, together.
  ///   - windowLog: That of the parts.
  public static func frame(_ parts: [[UInt8]], contentSize: Int, windowLog: Int = 17) -> [UInt8] {
    let pieces = pieces(of: parts, contentSize: contentSize, windowLog: windowLog)
    var frame: [UInt8] = []
    frame.reserveCapacity(pieces.reduce(0) { $0 + $1.count })
    for piece in pieces { frame += piece }
    return frame
  }

  /// The same, one after the other, for those who join the bytes elsewhere.
  public static func pieces(of parts: [[UInt8]], contentSize: Int, windowLog: Int = 17) -> [[UInt8]] {
    let header = header(
      contentSize: Int64(contentSize), windowLog: windowLog,
      sizeField: contentSize <= Int(UInt32.max) ? .fourBytes : .eightBytes)
    return [header] + parts + [end]
  }

  /// The field for the content size in a frame's header.
  public enum SizeField: Sendable {
    case fourBytes
    /// Of use where the header is written before the size is known, and written over then.
    case eightBytes
  }

  /// What a frame begins with, before the parts.
  public static func header(contentSize: Int64, windowLog: Int, sizeField: SizeField) -> [UInt8] {
    let descriptor: UInt8 = sizeField == .fourBytes ? 0x80 : 0xC0
    let size = withUnsafeBytes(of: contentSize.littleEndian) {
      Array($0.prefix(sizeField == .fourBytes ? 4 : 8))
    }
    return ZstdFrames.magic + [descriptor, UInt8(windowLog - 10) << 3] + size
  }

  /// Blocks that hold a few bytes as they are: what stands between parts.
  public static func raw(_ bytes: [UInt8]) -> [UInt8] {
    var blocks: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: blockSize) {
      let end = min(start + blockSize, bytes.count)
      blocks += header(type: 0, size: end - start) + bytes[start..<end]
    }
    return blocks
  }

  /// The compressed blocks, or raw ones where those would not be smaller or, against all expectation, refer to what came
  /// before them.
  private func compressed(_ bytes: [UInt8]) throws(ZstdError) -> [UInt8] {
    for lead in leads {
      guard let blocks = try blocks(of: bytes, behind: lead), blocks.count < bytes.count else { break }
      if probe.isIndependent(blocks, of: bytes) { return blocks }
    }
    return Self.raw(bytes)
  }

  private func blocks(of bytes: [UInt8], behind lead: [UInt8]) throws(ZstdError) -> [UInt8]? {
    let size = lead.count + bytes.count
    try Self.check(ZSTD_CCtx_reset(context, ZSTD_reset_session_only))
    try Self.check(ZSTD_CCtx_setPledgedSrcSize(context, UInt64(size)))
    var leadEnd = 0
    var status = 0
    let frame = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(size) + 64) { buffer, count in
      var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
      status = compress(lead, into: &output, ZSTD_e_flush)
      leadEnd = output.pos
      if status == 0 { status = compress(bytes, into: &output, ZSTD_e_end) }
      count = output.pos
    }
    try Self.check(status)
    return status == 0 ? Self.blocks(of: frame, from: leadEnd) : nil
  }

  /// What zstd says: 0 when all is in the output.
  private func compress(
    _ bytes: [UInt8], into output: inout ZSTD_outBuffer, _ directive: ZSTD_EndDirective
  ) -> Int {
    bytes.withUnsafeBytes { bytes in
      var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
      return ZSTD_compressStream2(context, &output, &input, directive)
    }
  }

  private static func header(type: UInt32, size: Int) -> [UInt8] {
    let value = UInt32(size) << 3 | type << 1
    return [UInt8(value & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value >> 16)]
  }

  /// A frame's blocks from a position on, none of them marked as the last; nil if the frame is not of the form asked for.
  static func blocks(of frame: [UInt8], from start: Int = 6) -> [UInt8]? {
    // Neither single segment nor content size, checksum or dictionary: magic, descriptor and window.
    guard frame.count > start, start >= 6, frame[4] & 0xE7 == 0 else { return nil }
    var blocks = Array(frame[start...])
    var position = 0
    while position + 3 <= blocks.count {
      let value =
        UInt32(blocks[position]) | UInt32(blocks[position + 1]) << 8 | UInt32(blocks[position + 2]) << 16
      let isRunLength = value >> 1 & 3 == 1
      let next = position + 3 + (isRunLength ? 1 : Int(value >> 3))
      if value & 1 == 1 {
        blocks[position] &= 0xFE
        return next == blocks.count ? blocks : nil
      }
      position = next
    }
    return nil
  }

  static func check(_ status: Int) throws(ZstdError) {
    guard ZSTD_isError(status) == 0 else { throw .refused(String(cString: ZSTD_getErrorName(status))) }
  }
}
