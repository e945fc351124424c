public import HTTPTypes
import NIOCore

/// A store that tries again what another store says may succeed later, and continues reads that break off.
///
/// Puts of streams are passed on as they are, since a stream can be read once only, and so are listings, whose
/// pages only the store itself can repeat: ``S3Store`` repeats both by part and by page.
public struct RetryingStore<Base: BlobStore>: BlobStore {
  /// The store that is asked.
  public let base: Base
  private let policy: RetryPolicy

  /// Wraps a store.
  public init(_ base: Base, policy: RetryPolicy = RetryPolicy()) {
    self.base = base
    self.policy = policy
  }

  /// Stores bytes or a file, again if need be.
  public func put(_ body: BlobBody, at key: BlobKey) async throws(BlobStoreError) {
    if case .stream = body.source { return try await base.put(body, at: key) }
    try await policy.run { () throws(BlobStoreError) in try await base.put(body, at: key) }
  }

  /// Opens a blob; where its bytes break off, it is opened again behind the last one that came.
  public func get(_ key: BlobKey, range: Range<Int64>?) async throws(BlobStoreError) -> BlobReader {
    let reader = try await policy.run { () throws(BlobStoreError) in try await base.get(key, range: range) }
    return BlobReader(
      info: reader.info, range: reader.range,
      chunks: BlobChunks(ContinuedChunks(store: base, policy: policy, reader: reader)))
  }

  /// What is known about a blob.
  public func info(_ key: BlobKey) async throws(BlobStoreError) -> BlobInfo {
    try await policy.run { () throws(BlobStoreError) in try await base.info(key) }
  }

  /// Removes a blob.
  public func delete(_ key: BlobKey) async throws(BlobStoreError) {
    try await policy.run { () throws(BlobStoreError) in try await base.delete(key) }
  }

  /// The base store's listing.
  public func list(prefix: String) -> BlobListing { base.list(prefix: prefix) }
}

extension RetryingStore: PresigningBlobStore where Base: PresigningBlobStore {
  /// The base store's URL.
  public func presignedURL(
    for key: BlobKey, method: HTTPRequest.Method, expiresIn lifetime: Duration, responseFields: HTTPFields
  ) async throws(BlobStoreError) -> String {
    try await policy.run { () throws(BlobStoreError) in
      try await base.presignedURL(
        for: key, method: method, expiresIn: lifetime, responseFields: responseFields)
    }
  }
}

/// A blob's chunks, continued by range from wherever they break off.
private struct ContinuedChunks: AsyncSequence, Sendable {
  typealias Element = ByteBuffer
  typealias Failure = BlobStoreError

  let store: any BlobStore
  let policy: RetryPolicy
  let reader: BlobReader

  func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(
      store: store, reader: reader, chunks: reader.chunks.makeAsyncIterator(),
      position: reader.range.lowerBound, attempts: RetryPolicy.Attempts(policy))
  }

  struct AsyncIterator: AsyncIteratorProtocol {
    let store: any BlobStore
    let reader: BlobReader
    var chunks: BlobChunks.AsyncIterator
    var position: Int64
    var attempts: RetryPolicy.Attempts
    var isBroken = false

    mutating func next(isolation actor: isolated (any Actor)?) async throws(BlobStoreError) -> ByteBuffer? {
      while true {
        do {
          if isBroken { try await reopen(isolation: actor) }
          let chunk = try await chunks.next(isolation: actor)
          if let chunk {
            position += Int64(chunk.readableBytes)
            attempts.reset()
          }
          return chunk
        } catch {
          isBroken = true
          guard position < reader.range.upperBound, await attempts.mayGoOn(after: error, isolation: actor)
          else { throw error }
        }
      }
    }

    mutating func next() async throws(BlobStoreError) -> ByteBuffer? {
      try await next(isolation: nil)
    }

    /// Opens the rest, if it is still the same blob.
    private mutating func reopen(isolation actor: isolated (any Actor)?) async throws(BlobStoreError) {
      let rest = try await store.get(reader.info.key, range: position..<reader.range.upperBound)
      guard rest.info.size == reader.info.size, rest.info.etag == reader.info.etag else {
        throw BlobStoreError(
          .damaged, key: reader.info.key,
          message: "the blob was replaced while it was read, and the read broke off at byte \(position)")
      }
      chunks = rest.chunks.makeAsyncIterator()
      isBroken = false
    }
  }
}
