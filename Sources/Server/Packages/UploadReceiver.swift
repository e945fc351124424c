import APITypes
import Hummingbird
import NIOCore

/// Takes bytes as they arrive and spools them in batches, within a size limit.
///
/// Chunks come in pieces of at most 64 KiB; collecting 256 KiB before each hop to the thread pool halves the time
/// of an upload (swift-stack.md §5). Memory does not grow with the package.
struct UploadReceiver {
  private static let batchSize = 256 << 10

  let file: SpooledFile
  private let maxSize: Int64?
  private var batch = ByteBuffer()
  /// How many bytes have come.
  private(set) var received: Int64 = 0

  init(spool: UploadSpool, maxSize: ByteSize?) throws {
    file = try spool.newFile()
    self.maxSize = maxSize?.bytes
  }

  /// - Throws: 413 as soon as more than the limit has arrived.
  mutating func receive(_ chunk: ByteBuffer) async throws {
    received += Int64(chunk.readableBytes)
    try Self.check(size: received, against: maxSize)
    batch.writeImmutableBuffer(chunk)
    if batch.readableBytes >= Self.batchSize { try await flush() }
  }

  /// All bytes are in: hashes the last ones, ends the file, if there is one, and goes on on the same thread, which may block.
  ///
  /// - Parameter mayStayInMemory: Whether a single batch may stay where it is. Not for one of many uploads that wait for each
  ///   other.
  /// - Throws: What the spool or `body` throws.
  mutating func finish<Value: Sendable>(
    mayStayInMemory: Bool, _ body: @escaping @Sendable (SpooledFile.Sealed) throws -> Value
  ) async throws -> Value {
    let rest = batch
    batch = ByteBuffer()
    return try await file.seal(after: rest, mayStayInMemory: mayStayInMemory, body)
  }

  private mutating func flush() async throws {
    try await file.append(batch)
    batch.clear()
  }

  /// - Throws: 413 if `size` is over the limit; called with a declared length too, before a byte is read.
  static func check(size: Int64, against maxSize: Int64?) throws {
    guard let maxSize, size > maxSize else { return }
    throw APIError(.payloadTooLarge, "the package is larger than the \(maxSize) bytes this server accepts")
  }
}
