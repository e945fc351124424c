import NIOCore

/// A buffer cut into chunks.
struct BufferChunks: AsyncSequence, Sendable {
  typealias Element = ByteBuffer
  typealias Failure = BlobStoreError

  let bytes: ByteBuffer

  struct AsyncIterator: AsyncIteratorProtocol {
    var rest: ByteBuffer

    mutating func next(isolation actor: isolated (any Actor)?) async throws(BlobStoreError) -> ByteBuffer? {
      let length = Swift.min(rest.readableBytes, BlobChunks.maximumChunkSize)
      return length == 0 ? nil : rest.readSlice(length: length)
    }

    mutating func next() async throws(BlobStoreError) -> ByteBuffer? {
      try await next(isolation: nil)
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: bytes) }
}
