public import CurlHTTP
public import HTTPTypes

/// Blobs as objects of a bucket, on AWS S3 or any server that speaks its language.
public final class S3Store: PresigningBlobStore {
  /// The store of a bucket, with an HTTP transport of its own.
  ///
  /// - Parameters:
  ///   - proxies: Through which proxies the bucket is reached.
  ///   - onEvent: Called with what the operator should know.
  /// - Throws: `.unexpected` for a configuration that cannot work; its message names the mistake.
  public init(
    _ configuration: S3Configuration, credentials: any CredentialsProvider, proxies: HTTPProxies = .none,
    onEvent: @escaping @Sendable (S3Event) -> Void = { _ in }
  ) throws(BlobStoreError) {}

  /// Not there yet.
  public func put(_ body: BlobBody, at key: BlobKey) async throws(BlobStoreError) { throw Self.unfinished }
  /// Not there yet.
  public func get(_ key: BlobKey, range: Range<Int64>?) async throws(BlobStoreError) -> BlobReader {
    throw Self.unfinished
  }
  /// Not there yet.
  public func info(_ key: BlobKey) async throws(BlobStoreError) -> BlobInfo { throw Self.unfinished }
  /// Not there yet.
  public func delete(_ key: BlobKey) async throws(BlobStoreError) { throw Self.unfinished }
  /// Not there yet.
  public func list(prefix: String) -> BlobListing { MemoryStore().list(prefix: prefix) }
  /// Not there yet.
  public func presignedURL(
    for key: BlobKey, method: HTTPRequest.Method, expiresIn lifetime: Duration, responseFields: HTTPFields
  ) async throws(BlobStoreError) -> String { throw Self.unfinished }

  /// Removes many blobs with few requests, 1,000 at a time; keys without a blob do not matter.
  public func delete(_ keys: [BlobKey]) async throws(BlobStoreError) { throw Self.unfinished }
  /// Ends multipart uploads of this store that were begun longer ago than `age`; how many there were.
  public func sweepUploads(olderThan age: Duration) async throws(BlobStoreError) -> Int {
    throw Self.unfinished
  }
  /// Looks whether the bucket can be used; makes it if that is configured. `nil` if all is well.
  public func diagnose() async -> S3Diagnosis? { S3Diagnosis(.unexpected, "not there yet") }

  private static let unfinished = BlobStoreError(.unexpected, message: "the S3 store is being written")
}
