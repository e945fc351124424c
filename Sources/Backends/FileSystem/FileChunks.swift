import NIOCore

/// A part of an open file as chunks: blocks of 256 KiB read off the cooperative threads, handed out 64 KiB at
/// a time.
///
/// A block costs one trip to the ``BlockingPool``; chunks are slices of it, not copies.
struct FileChunks: AsyncSequence, Sendable {
  typealias Element = ByteBuffer
  typealias Failure = BlobStoreError

  /// How much is read at a time, in bytes.
  static let blockSize = 256 * 1024

  let file: OpenFile
  let key: BlobKey
  let range: Range<Int64>
  let pool: BlockingPool

  func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(file: file, key: key, rest: range, pool: pool)
  }

  struct AsyncIterator: AsyncIteratorProtocol {
    let file: OpenFile
    let key: BlobKey
    var rest: Range<Int64>
    let pool: BlockingPool
    var block = ByteBuffer()

    mutating func next(isolation actor: isolated (any Actor)?) async throws(BlobStoreError) -> ByteBuffer? {
      if block.readableBytes == 0 {
        guard !rest.isEmpty else { return nil }
        block = try await readBlock()
      }
      return block.readSlice(length: Swift.min(block.readableBytes, BlobChunks.maximumChunkSize))
    }

    mutating func next() async throws(BlobStoreError) -> ByteBuffer? {
      try await next(isolation: nil)
    }

    private mutating func readBlock() async throws(BlobStoreError) -> ByteBuffer {
      let (file, offset) = (file, rest.lowerBound)
      let length = Swift.min(rest.count, FileChunks.blockSize)
      let block = try await pool.run { () throws(BlobStoreError) in
        try file.read(at: offset, length: length)
      }
      guard block.readableBytes == length else {
        throw BlobStoreError(
          .damaged, key: key,
          message:
            "'\(file.path)' ends \(length - block.readableBytes) bytes before \(offset + Int64(length))")
      }
      rest = (offset + Int64(length))..<rest.upperBound
      return block
    }
  }
}
