import CurlHTTP
import Locks
import NIOCore
import S3Signer

/// A stream in parts, each gathered in memory: it can be read once only, a part may have to be sent twice.
final class StreamParts: UploadParts {
  /// The stream's iterator may not be sent anywhere; it is only touched by whoever calls `next`.
  private struct Source: @unchecked Sendable {
    var chunks: any AsyncIteratorProtocol<ByteBuffer, any Error>
    /// What was read and belongs to the next part.
    var rest = ByteBuffer()
    var isAtEnd = false
  }

  private let source: Guarded<Source>
  private let partSize: Int
  private let announced: Int64?
  private let key: BlobKey
  private let pool: BlockingPool
  private let whole = RunningDigest()
  private let size = Guarded<Int64>(0)

  init(
    _ stream: any AsyncSequence<ByteBuffer, any Error> & Sendable, partSize: Int, announced: Int64?,
    key: BlobKey, pool: BlockingPool
  ) {
    source = Guarded(Source(chunks: Self.iterator(stream)))
    self.partSize = partSize
    self.announced = announced
    self.key = key
    self.pool = pool
  }

  private static func iterator(
    _ stream: some AsyncSequence<ByteBuffer, any Error>
  ) -> any AsyncIteratorProtocol<ByteBuffer, any Error> {
    stream.makeAsyncIterator()
  }

  /// The whole stream, if it has at most `limit` bytes; otherwise what was read is the beginning of the first
  /// part.
  func whole(upTo limit: Int) async throws(BlobStoreError) -> S3Client.Payload? {
    let bytes = try await gather(limit + 1)
    guard bytes.readableBytes <= limit else {
      source.withLock { source in
        var beginning = bytes
        beginning.writeImmutableBuffer(source.rest)
        source.rest = beginning
      }
      return nil
    }
    return await payload(bytes)
  }

  func next() async throws(BlobStoreError) -> S3Client.Payload? {
    let bytes = try await gather(partSize)
    return bytes.readableBytes == 0 ? nil : await payload(bytes)
  }

  func summary() -> (size: Int64, sha256: String?) { (size.withLock { $0 }, whole.finish()) }

  private func payload(_ bytes: ByteBuffer) async -> S3Client.Payload {
    let digest = await pool.run {
      self.whole.update(bytes)
      return Hex.encode(SHA256Hasher.digest(of: bytes.readableBytesView))
    }
    size.withLock { $0 += Int64(bytes.readableBytes) }
    return S3Client.Payload(body: .bytes(bytes), size: Int64(bytes.readableBytes), sha256: digest)
  }

  /// `count` bytes, fewer at the end of the stream.
  private func gather(_ count: Int) async throws(BlobStoreError) -> ByteBuffer {
    var state = source.withLock { $0 }
    defer {
      let left = state
      source.withLock { $0 = left }
    }
    var bytes = state.rest
    state.rest = ByteBuffer()
    while bytes.readableBytes < count, !state.isAtEnd {
      let chunk: ByteBuffer?
      do {
        try Task.checkCancellation()
        chunk = try await state.chunks.next(isolation: nil)
      } catch {
        state.isAtEnd = true
        throw BlobStoreError(
          .unexpected, key: key, message: "the stream to store failed before its end", underlying: error)
      }
      guard let chunk else {
        state.isAtEnd = true
        break
      }
      bytes.writeImmutableBuffer(chunk)
      try check(read: bytes.readableBytes)
    }
    if bytes.readableBytes > count {
      let part = bytes.readSlice(length: count) ?? ByteBuffer()
      state.rest = bytes
      bytes = part
    }
    return bytes
  }

  /// Ends a stream that has more than was announced, before all of it is sent.
  private func check(read count: Int) throws(BlobStoreError) {
    guard let announced, size.withLock({ $0 }) + Int64(count) > announced else { return }
    throw BlobStoreError(.digestMismatch, key: key, message: "\(announced) bytes announced, more given")
  }
}
