import CZstd

/// Compresses a stream of bytes into one zstd frame, chunk by chunk. Use it from one thread at a time.
///
/// The same bytes and level give the same frame as long as they are written in chunks of the same sizes; with workers, in
/// chunks of any size.
public final class ZstdEncoder {
  private let context: OpaquePointer
  private let output: (UnsafeRawBufferPointer) throws -> Void
  private let buffer: UnsafeMutableRawBufferPointer
  /// Whether the frame gets a header of ours, whose size field is filled at the end.
  private var declaresSizeAtEnd: Bool
  /// What was written until it is clear that this is no small document; nil from then on.
  private var held: [UInt8]?
  /// Up to here the size is known before the first byte is compressed. Without it zstd takes tables for the largest of
  /// documents, tens of megabytes at high levels, for a few hundred bytes.
  private static let smallDocument = 512 << 10
  private var header: [UInt8] = []
  private var contentSize: UInt64 = 0

  /// Begins a frame.
  ///
  /// - Parameters:
  ///   - level: 1 (fast) to 19 (small); up to 22 with much memory, below 1 for speed.
  ///   - pledgedSize: How many bytes will be written; the frame then declares it, and another number is an error.
  ///   - output: Takes the compressed bytes; the buffer is valid during the call.
  public convenience init(
    level: Int, pledgedSize: Int64? = nil, output: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) throws(ZstdError) {
    try self.init(level: level, workers: 0, declaresSizeAtEnd: false, output: output)
    if let pledgedSize {
      guard pledgedSize >= 0 else { throw .refused("negative size") }
      try Self.check(ZSTD_CCtx_setPledgedSrcSize(context, UInt64(pledgedSize)))
    }
  }

  /// Begins a frame that declares its size although nobody knows it yet: `finish` gives the bytes to be written over the
  /// frame's first ones.
  ///
  /// - Parameters:
  ///   - level: 1 (fast) to 19 (small).
  ///   - workers: Threads that compress while more is written; 0 compresses within `write`.
  ///   - output: Takes the compressed bytes; the buffer is valid during the call.
  public convenience init(
    level: Int, workers: Int, output: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) throws(ZstdError) {
    try self.init(level: level, workers: workers, declaresSizeAtEnd: true, output: output)
  }

  private init(
    level: Int, workers: Int, declaresSizeAtEnd: Bool,
    output: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) throws(ZstdError) {
    guard let context = ZSTD_createCCtx() else { throw .outOfMemory }
    self.context = context
    self.output = output
    self.declaresSizeAtEnd = declaresSizeAtEnd
    held = declaresSizeAtEnd ? [] : nil
    buffer = .allocate(byteCount: ZSTD_CStreamOutSize(), alignment: 16)
    try Self.check(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(clamping: level)))
    if workers > 0 {
      try Self.check(ZSTD_CCtx_setParameter(context, ZSTD_c_nbWorkers, Int32(clamping: workers)))
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
    contentSize += UInt64(bytes.count)
    guard let start = held else { return try run(bytes, ZSTD_e_continue) }
    if start.count + bytes.count <= Self.smallDocument {
      held?.append(contentsOf: bytes)
    } else {
      held = nil
      try start.withUnsafeBytes { try run($0, ZSTD_e_continue) }
      try run(bytes, ZSTD_e_continue)
    }
  }

  /// Ends the frame. Nothing can be written after.
  ///
  /// - Returns: What the frame begins with, to be written over its first bytes; nothing where it begins so already.
  @discardableResult
  public func finish() throws -> [UInt8] {
    if let small = held {
      held = nil
      declaresSizeAtEnd = false  // the library does, at once
      try Self.check(ZSTD_CCtx_setPledgedSrcSize(context, UInt64(small.count)))
      try small.withUnsafeBytes { try run($0, ZSTD_e_end) }
      return []
    }
    try run(UnsafeRawBufferPointer(start: nil, count: 0), ZSTD_e_end)
    guard declaresSizeAtEnd else { return [] }
    withUnsafeBytes(of: contentSize.littleEndian) { header.replaceSubrange(6..<14, with: $0) }
    return header
  }

  private func run(_ bytes: UnsafeRawBufferPointer, _ mode: ZSTD_EndDirective) throws {
    var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
    var remaining = 0
    repeat {
      var target = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
      remaining = ZSTD_compressStream2(context, &target, &source, mode)
      try Self.check(remaining)
      if target.pos > 0 { try put(UnsafeRawBufferPointer(rebasing: buffer[..<target.pos])) }
    } while source.pos < source.size || (mode == ZSTD_e_end && remaining > 0)
  }

  /// Passes compressed bytes on; of a frame that declares its size later, the first ones are
  /// `28 B5 2F FD | descriptor | window` (RFC 8878 §3.1.1.1), and get a size field of 8 bytes.
  private func put(_ bytes: UnsafeRawBufferPointer) throws {
    guard declaresSizeAtEnd, header.isEmpty else { return try output(bytes) }
    // The library writes a frame's header in one go. Without a size it has a window, and neither checksum nor dictionary.
    guard bytes.count >= 6, bytes[4] == 0 else { throw ZstdError.refused("an unexpected frame header") }
    header = Array(bytes[..<4]) + [0xC0, bytes[5]] + [UInt8](repeating: 0, count: 8)
    try header.withUnsafeBytes { try output($0) }
    try output(UnsafeRawBufferPointer(rebasing: bytes[6...]))
  }

  private static func check(_ status: Int) throws(ZstdError) {
    guard ZSTD_isError(status) == 0 else { throw .refused(String(cString: ZSTD_getErrorName(status))) }
  }
}
