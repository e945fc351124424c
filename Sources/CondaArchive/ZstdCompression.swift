/// Compresses and decompresses whole byte arrays with zstd (RFC 8878).
public enum ZstdCompression {
  /// One frame that declares its content size, without a checksum.
  ///
  /// The same bytes and level always give the same frame (for one version of zstd).
  ///
  /// - Parameter level: 1 (fast) to 19 (small); up to 22 with much memory, below 1 for speed.
  public static func compress(_ bytes: [UInt8], level: Int) throws(ZstdError) -> [UInt8] {
    try ZstdCompressor().compress(bytes, level: level)
  }

  /// The content of one or more whole frames.
  ///
  /// - Parameter limit: Bytes that may come out at most; what a frame declares is not trusted.
  public static func decompress(_ bytes: [UInt8], limit: Int) throws(ZstdError) -> [UInt8] {
    var content: [UInt8] = []
    let frames = try ZstdFrames()
    var buffer = [UInt8](repeating: 0, count: 128 << 10)
    let result = bytes.withUnsafeBytes { start in
      Result { () throws(ZstdError) in
        var input = start
        var count = 0
        repeat {
          count = try Self.step(frames, &input, &buffer)
          guard content.count + count <= limit else { throw .tooLarge(limit: Int64(limit)) }
          content += buffer[..<count]
        } while !input.isEmpty || count == buffer.count
      }
    }
    try result.get()
    guard frames.isAtEnd else { throw .truncated }
    return content
  }

  private static func step(
    _ frames: ZstdFrames, _ input: inout UnsafeRawBufferPointer, _ buffer: inout [UInt8]
  ) throws(ZstdError) -> Int {
    let output = buffer.withUnsafeMutableBytes { target in
      Result { () throws(ZstdError) in try frames.step(&input, into: target) }
    }
    return try output.get()
  }
}
