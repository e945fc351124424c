public import NIOCore

/// A blob's bytes as a stream of chunks, in order, 64 KiB at most each.
///
/// Pull-based: nothing is read ahead of what the consumer asked for, apart from one internal block. Iterate
/// it once. Dropping it midway frees what it holds (a file descriptor, a connection). It stays readable when
/// its key is deleted or replaced meanwhile: it gives the bytes of the blob that was opened.
public struct BlobChunks: AsyncSequence, Sendable {
  /// One chunk, never empty.
  public typealias Element = ByteBuffer
  /// What can end the stream early.
  public typealias Failure = BlobStoreError

  /// The largest chunk handed out, in bytes.
  public static let maximumChunkSize = 64 * 1024

  private let base: any AsyncSequence<ByteBuffer, BlobStoreError> & Sendable

  /// The chunks of `base`, which has to keep the promises above.
  public init(_ base: some AsyncSequence<ByteBuffer, BlobStoreError> & Sendable) {
    self.base = base
  }

  /// Starts reading.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(base: base.makeAsyncIterator())
  }

  /// Reads the chunks one by one.
  public struct AsyncIterator: AsyncIteratorProtocol {
    private var base: any AsyncIteratorProtocol<ByteBuffer, BlobStoreError>

    fileprivate init(base: any AsyncIteratorProtocol<ByteBuffer, BlobStoreError>) {
      self.base = base
    }

    /// The next chunk, or `nil` after the last.
    public mutating func next(
      isolation actor: isolated (any Actor)? = #isolation
    ) async throws(BlobStoreError) -> ByteBuffer? {
      try await base.next(isolation: actor)
    }

    /// The next chunk, or `nil` after the last.
    public mutating func next() async throws(BlobStoreError) -> ByteBuffer? {
      try await base.next(isolation: nil)
    }
  }
}
