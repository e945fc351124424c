/// Decompresses a stream of zstd frames, chunk by chunk. Use it from one thread at a time.
public final class ZstdDecoder {
  private let frames: ZstdFrames
  private let limit: Int64
  private let output: (UnsafeRawBufferPointer) throws -> Void
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 16)
  private var written: Int64 = 0

  /// Begins to read.
  ///
  /// - Parameters:
  ///   - limit: Bytes that may come out at most; what a frame declares is not trusted.
  ///   - output: Takes the decompressed bytes; the buffer is valid during the call.
  public init(limit: Int64, output: @escaping (UnsafeRawBufferPointer) throws -> Void) throws(ZstdError) {
    self.limit = limit
    self.output = output
    do {
      frames = try ZstdFrames()
    } catch {
      buffer.deallocate()
      throw error
    }
  }

  deinit {
    buffer.deallocate()
  }

  /// Decompresses `bytes`. Throws `ZstdError` or what `output` throws.
  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    var input = bytes
    var count = 0
    repeat {
      count = try frames.step(&input, into: buffer)
      written += Int64(count)
      guard written <= limit else { throw ZstdError.tooLarge(limit: limit) }
      if count > 0 { try output(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
    } while !input.isEmpty || count == buffer.count
  }

  /// Decompresses `bytes`. Throws `ZstdError` or what `output` throws.
  public func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }

  /// Checks that the last frame is whole; throws `.truncated` if not.
  public func finish() throws(ZstdError) {
    guard frames.isAtEnd else { throw .truncated }
  }
}
