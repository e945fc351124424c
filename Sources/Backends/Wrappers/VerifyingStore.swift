public import HTTPTypes
import NIOCore
import S3Signer

/// A store that hashes whole blobs while they are read, where their keys tell their digests.
///
/// The last chunk is held back until the digest is right: who reads a damaged blob gets `.damaged` instead of
/// its end, and never takes it for complete. Reads of a range cannot be checked and are passed on.
public struct VerifyingStore<Base: BlobStore>: BlobStore {
  /// The store that is asked.
  public let base: Base
  private let digest: @Sendable (BlobKey) -> String?

  /// Wraps a store.
  ///
  /// - Parameter digest: The SHA-256, in lower-case hexadecimal, that a blob with this key has; `nil` if the key
  ///   does not tell.
  public init(_ base: Base, digest: @escaping @Sendable (BlobKey) -> String?) {
    self.base = base
    self.digest = digest
  }

  /// Stores the bytes.
  public func put(_ body: BlobBody, at key: BlobKey) async throws(BlobStoreError) {
    try await base.put(body, at: key)
  }

  /// Opens a blob, whose bytes are hashed on the way if they are all wanted.
  public func get(_ key: BlobKey, range: Range<Int64>?) async throws(BlobStoreError) -> BlobReader {
    let reader = try await base.get(key, range: range)
    guard reader.range == 0..<reader.info.size, let expected = digest(key) else { return reader }
    return BlobReader(
      info: reader.info, range: reader.range,
      chunks: BlobChunks(HashedChunks(chunks: reader.chunks, key: key, expected: expected)))
  }

  /// What is known about a blob.
  public func info(_ key: BlobKey) async throws(BlobStoreError) -> BlobInfo { try await base.info(key) }

  /// Removes a blob.
  public func delete(_ key: BlobKey) async throws(BlobStoreError) { try await base.delete(key) }

  /// The base store's listing.
  public func list(prefix: String) -> BlobListing { base.list(prefix: prefix) }
}

extension VerifyingStore: PresigningBlobStore where Base: PresigningBlobStore {
  /// The base store's URL.
  public func presignedURL(
    for key: BlobKey, method: HTTPRequest.Method, expiresIn lifetime: Duration, responseFields: HTTPFields
  ) async throws(BlobStoreError) -> String {
    try await base.presignedURL(
      for: key, method: method, expiresIn: lifetime, responseFields: responseFields)
  }
}

/// Chunks on their way through a hasher.
private struct HashedChunks: AsyncSequence, Sendable {
  typealias Element = ByteBuffer
  typealias Failure = BlobStoreError

  let chunks: BlobChunks
  let key: BlobKey
  let expected: String

  func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(chunks: chunks.makeAsyncIterator(), key: key, expected: expected)
  }

  struct AsyncIterator: AsyncIteratorProtocol {
    var chunks: BlobChunks.AsyncIterator
    let key: BlobKey
    let expected: String
    let hasher = RunningDigest()
    /// What was read and not yet handed out.
    var held: ByteBuffer?
    var hasBegun = false

    mutating func next(isolation actor: isolated (any Actor)?) async throws(BlobStoreError) -> ByteBuffer? {
      if !hasBegun {
        hasBegun = true
        held = try await read(isolation: actor)
      }
      let chunk = held
      held = chunk == nil ? nil : try await read(isolation: actor)
      return chunk
    }

    mutating func next() async throws(BlobStoreError) -> ByteBuffer? {
      try await next(isolation: nil)
    }

    /// The next chunk, hashed; at the end, the verdict.
    private mutating func read(
      isolation actor: isolated (any Actor)?
    ) async throws(BlobStoreError) -> ByteBuffer? {
      if let chunk = try await chunks.next(isolation: actor) {
        hasher.update(chunk)
        return chunk
      }
      let found = hasher.finish()
      guard found == expected else {
        throw BlobStoreError(
          .damaged, key: key, message: "SHA-256 \(expected) expected, the bytes have \(found)")
      }
      return nil
    }
  }
}
