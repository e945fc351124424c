public import NIOCore

/// An opened blob: what it is, which part of it was asked for, and the bytes of that part.
public struct BlobReader: Sendable {
  /// The whole blob, as it was when it was opened.
  public let info: BlobInfo
  /// The bytes that ``chunks`` gives, half-open and 0-based: the range asked for, cut off at the blob's end.
  public let range: Range<Int64>
  /// Exactly the bytes of ``range``; ends with `.damaged` if the backend has fewer after all.
  public let chunks: BlobChunks

  /// An opened blob; `chunks` gives exactly the bytes of `range`.
  public init(info: BlobInfo, range: Range<Int64>, chunks: BlobChunks) {
    self.info = info
    self.range = range
    self.chunks = chunks
  }

  /// Reads everything into one buffer: for blobs known to be small.
  ///
  /// - Throws: `.unexpected`, before anything is read, if ``range`` is longer than `limit` bytes; else what
  ///   ends ``chunks`` early.
  public func collect(upTo limit: Int) async throws(BlobStoreError) -> ByteBuffer {
    guard range.count <= limit else {
      throw BlobStoreError(
        .unexpected, key: info.key, message: "\(range.count) bytes to read, at most \(limit) are allowed")
    }
    var whole = ByteBufferAllocator().buffer(capacity: range.count)
    var iterator = chunks.makeAsyncIterator()
    while var chunk = try await iterator.next() { whole.writeBuffer(&chunk) }
    return whole
  }
}
