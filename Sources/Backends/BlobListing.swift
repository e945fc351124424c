/// The blobs under a prefix, in the order of their keys' UTF-8 bytes, read page by page as they are asked
/// for.
///
/// Complete for all blobs that exist from the first request for an element to the last; one that is put or
/// deleted meanwhile may or may not appear. Every key appears at most once.
public struct BlobListing: AsyncSequence, Sendable {
  /// One blob.
  public typealias Element = BlobInfo
  /// What can end the listing early.
  public typealias Failure = BlobStoreError

  private let base: any AsyncSequence<BlobInfo, BlobStoreError> & Sendable

  /// The blobs of `base`, which has to keep the promises above.
  public init(_ base: some AsyncSequence<BlobInfo, BlobStoreError> & Sendable) {
    self.base = base
  }

  /// Starts listing; the backend is asked when the first element is.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(base: base.makeAsyncIterator())
  }

  /// All that is listed, at once: for prefixes known to hold few blobs.
  public func collect() async throws(BlobStoreError) -> [BlobInfo] {
    var blobs: [BlobInfo] = []
    var iterator = makeAsyncIterator()
    while let blob = try await iterator.next() { blobs.append(blob) }
    return blobs
  }

  /// Lists the blobs one by one.
  public struct AsyncIterator: AsyncIteratorProtocol {
    private var base: any AsyncIteratorProtocol<BlobInfo, BlobStoreError>

    fileprivate init(base: any AsyncIteratorProtocol<BlobInfo, BlobStoreError>) {
      self.base = base
    }

    /// The next blob, or `nil` after the last.
    public mutating func next(
      isolation actor: isolated (any Actor)? = #isolation
    ) async throws(BlobStoreError) -> BlobInfo? {
      try await base.next(isolation: actor)
    }

    /// The next blob, or `nil` after the last.
    public mutating func next() async throws(BlobStoreError) -> BlobInfo? {
      try await base.next(isolation: nil)
    }
  }
}
