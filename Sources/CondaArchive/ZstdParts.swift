// A zstd frame (RFC 8878 §3.1.1) here:
//
//   28 B5 2F FD | descriptor | window | content size, 4 or 8 bytes | block… | last block: raw, empty
//
//   block: 3 bytes, little endian: bit 0 "last", bits 1-2 type (0 raw, 2 compressed), the rest its size | content
//
// A block may refer to what came before it in three ways: bytes (offsets into the window), entropy tables ("repeat"), and
// the three offsets used last ("repeated offsets"). One that is the first of a frame of its own has no bytes and no tables
// to refer to. The repeated offsets begin as 1, 4 and 8, and that it does not use those has to be made sure of here.

import CZstd
import Foundation

/// Puts one zstd frame together from parts that were compressed on their own, so that of a large document only the parts
/// that changed are compressed again.
///
/// To a decoder it is a frame like any other, with its content size declared. Use it from one thread at a time.
public final class ZstdParts {
  /// The most content a block may have (RFC 8878 §3.1.1.2.4).
  private static let blockSize = 128 << 10
  /// Up to here the strategies look, at a frame's beginning, at one repeated offset only: 1, and so at runs of equal bytes.
  public static let maximumLevel = 12
  /// What a frame ends with.
  public static let end: [UInt8] = [1, 0, 0]

  /// The binary logarithm of the window, which is as much as is compressed together.
  let windowLog: Int
  private let context: OpaquePointer
  private let probe: ZstdProbe

  /// Makes what compresses the parts.
  ///
  /// - Parameters:
  ///   - level: 1 (fast) to `maximumLevel`; one beyond is that.
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

  /// The compressed blocks, or raw ones where those would not be smaller. Where they would refer to repeated offsets, the
  /// first bytes are left as they are and the rest tries again.
  private func compressed(_ bytes: [UInt8], attempts: Int = 4) throws(ZstdError) -> [UInt8] {
    if let blocks = try independent(bytes) { return blocks }
    guard attempts > 1, bytes.count > 2 * Self.lookahead else { return Self.raw(bytes) }
    return try Self.raw(Array(bytes[..<Self.lookahead]))
      + compressed(Array(bytes[Self.lookahead...]), attempts: attempts - 1)
  }

  /// Compressed blocks that refer to nothing before them; raw ones where they would not be smaller.
  private func independent(_ bytes: [UInt8]) throws(ZstdError) -> [UInt8]? {
    guard !Self.startsWithRun(bytes) else { return nil }
    var status = 0
    let frame = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { buffer, count in
      status = ZSTD_compress2(context, buffer.baseAddress, buffer.count, bytes, bytes.count)
      count = ZSTD_isError(status) == 0 ? status : 0
    }
    try Self.check(status)
    guard let blocks = Self.blocks(of: frame), blocks.count < bytes.count else { return Self.raw(bytes) }
    return probe.isIndependent(blocks, of: bytes) ? blocks : nil
  }

  /// How many bytes at the start are looked at for runs.
  private static let lookahead = 4096

  /// Whether near its start a byte comes five times in a row, which is what the compressor looks for at offset 1. After
  /// two matches of other kinds it has forgotten that offset; should there be none for so long, the probe finds out.
  private static func startsWithRun(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var last: UInt8 = 0
      var length = 0
      for byte in bytes.prefix(lookahead) {
        length = byte == last ? length + 1 : 1
        last = byte
        if length == 5 { return true }
      }
      return false
    }
  }

  private static func header(type: UInt32, size: Int) -> [UInt8] {
    let value = UInt32(size) << 3 | type << 1
    return [UInt8(value & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value >> 16)]
  }

  /// A frame's blocks, none of them marked as the last; nil if the frame is not of the form asked for.
  static func blocks(of frame: [UInt8]) -> [UInt8]? {
    // Neither single segment nor content size, checksum or dictionary: magic, descriptor and window.
    guard frame.count > 6, frame[4] & 0xE7 == 0 else { return nil }
    var blocks = Array(frame[6...])
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

/// Decodes blocks where the repeated offsets are others than at the start of a frame.
///
/// They stand for large offsets then, into random bytes: blocks that use them come out as something else.
final class ZstdProbe {
  private let context: OpaquePointer
  /// Blocks that end with repeated offsets of 1048, 1648 and 2048, and how much content they have.
  private let preamble: [UInt8]
  private let preambleSize: Int
  private let windowLog: Int

  init(windowLog: Int) throws(ZstdError) {
    self.windowLog = windowLog
    var state: UInt32 = 2_463_534_242
    let noise = (0..<2048).map { _ -> UInt8 in
      state ^= state << 13
      state ^= state >> 17
      state ^= state << 5
      return UInt8(truncatingIfNeeded: state >> 8)
    }
    let content = noise + noise[0..<100] + noise[500..<600] + noise[1200..<1300]
    let compressor = try ZstdCompressor()
    try ZstdParts.check(ZSTD_CCtx_setParameter(compressor.context, ZSTD_c_contentSizeFlag, 0))
    try ZstdParts.check(ZSTD_CCtx_setParameter(compressor.context, ZSTD_c_windowLog, 17))
    var status = 0
    let frame = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(content.count)) { buffer, count in
      status = ZSTD_compress2(compressor.context, buffer.baseAddress, buffer.count, content, content.count)
      count = ZSTD_isError(status) == 0 ? status : 0
    }
    try ZstdParts.check(status)
    guard let preamble = ZstdParts.blocks(of: frame), preamble.count < content.count else {
      throw .refused("the library does not compress as expected")
    }
    guard let context = ZSTD_createDCtx() else { throw .outOfMemory }
    (self.preamble, self.preambleSize, self.context) = (preamble, content.count, context)
  }

  deinit { ZSTD_freeDCtx(context) }

  /// Whether the blocks decode to these bytes behind others too.
  func isIndependent(_ blocks: [UInt8], of bytes: [UInt8]) -> Bool {
    let frame = ZstdParts.frame(
      [preamble, blocks], contentSize: preambleSize + bytes.count, windowLog: windowLog)
    let content = [UInt8](unsafeUninitializedCapacity: preambleSize + bytes.count) { buffer, count in
      let size = ZSTD_decompressDCtx(context, buffer.baseAddress, buffer.count, frame, frame.count)
      count = ZSTD_isError(size) == 0 ? size : 0
    }
    guard content.count == preambleSize + bytes.count else { return false }
    return content.withUnsafeBytes { content in
      bytes.withUnsafeBytes { bytes in
        guard let decoded = content.baseAddress, let original = bytes.baseAddress else { return false }
        return memcmp(decoded + preambleSize, original, bytes.count) == 0
      }
    }
  }
}
