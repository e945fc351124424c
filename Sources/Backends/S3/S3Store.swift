public import CurlHTTP
public import Foundation
import HTTPTypes
import Locks
import NIOCore
import S3Signer

/// Blobs as objects of a bucket, on AWS S3 or any server that speaks its language.
///
/// Relies on nothing that such servers disagree about: no conditional writes, no order of listings, no checksums
/// beyond the signed SHA-256. ``ObjectNames`` keeps keys apart that some of them would confuse. Requests are not
/// repeated here, apart from what only this store can repeat: parts of uploads, streams that fit into memory, and
/// pages of listings; wrap it in a ``RetryingStore`` for the rest.
public final class S3Store: BlobStore {
  /// Which bucket, and how it is reached.
  public let configuration: S3Configuration
  let client: S3Client
  let names: ObjectNames
  let retry: RetryPolicy
  /// How the store repeats what only it can repeat; a wrapper may use the same.
  public var retryPolicy: RetryPolicy { retry }
  let pool = BlockingPool(width: 4)
  let turns = KeyTurns<BlobKey>()
  let onEvent: @Sendable (S3Event) -> Void

  /// The store of a bucket, with an HTTP transport of its own.
  ///
  /// - Parameters:
  ///   - proxies: Through which proxies the bucket is reached.
  ///   - regionHint: Where the bucket probably is, if no region is configured; asked once, the server's word counts more.
  ///   - onEvent: Called with what the operator should know.
  /// - Throws: `.unexpected` for a configuration that cannot work; its message names the mistake.
  public convenience init(
    _ configuration: S3Configuration, credentials: any CredentialsProvider, proxies: HTTPProxies = .none,
    regionHint: @escaping @Sendable () async -> String? = { nil },
    onEvent: @escaping @Sendable (S3Event) -> Void = { _ in }
  ) throws(BlobStoreError) {
    var curl = CurlConfiguration()
    curl.proxies = proxies
    curl.verifyTLS = configuration.verifyTLS
    curl.caBundle = configuration.caBundle
    curl.maxConcurrentTransfers = max(1, configuration.maxConnections)
    curl.maxIdleConnections = max(1, configuration.maxConnections)
    // S3 itself speaks HTTP/1.1 only, and elsewhere many connections carry more than one.
    curl.allowHTTP2 = false
    // An early refusal is noticed anyway, and some servers never answer the question.
    curl.expectContinue = false
    try self.init(
      configuration, credentials: credentials, transport: CurlTransport(configuration: curl),
      retry: RetryPolicy(budget: configuration.retryBudget), regionHint: regionHint, onEvent: onEvent)
  }

  /// The store of a bucket, on a transport, a clock and a way to wait of the caller's.
  public init(
    _ configuration: S3Configuration, credentials: any CredentialsProvider, transport: any HTTPTransport,
    retry: RetryPolicy, now: @escaping @Sendable () -> Date = { Date() },
    regionHint: @escaping @Sendable () async -> String? = { nil },
    onEvent: @escaping @Sendable (S3Event) -> Void = { _ in }
  ) throws(BlobStoreError) {
    try Self.check(configuration)
    self.configuration = configuration
    self.retry = retry
    self.onEvent = onEvent
    names = ObjectNames(prefix: configuration.keyPrefix)
    client = try S3Client(
      configuration, credentials: credentials, transport: transport, now: now, regionHint: regionHint,
      onEvent: onEvent)
  }

  /// What is known about a blob.
  public func info(_ key: BlobKey) async throws(BlobStoreError) -> BlobInfo {
    do throws(S3Failure) {
      return Self.info(key, try await client.headObject(names.objectKey(of: key).name))
    } catch {
      throw error.blobStoreError(key, "asking for an object's size")
    }
  }

  /// Removes a blob, if there is one.
  public func delete(_ key: BlobKey) async throws(BlobStoreError) {
    do throws(S3Failure) {
      try await client.deleteObject(names.objectKey(of: key).name)
    } catch {
      throw error.blobStoreError(key, "removing an object")
    }
  }

  /// Removes many blobs with few requests, 1,000 at a time; keys without a blob do not matter.
  ///
  /// - Throws: What the first blob that could not be removed failed with; others may be gone.
  public func delete(_ keys: [BlobKey]) async throws(BlobStoreError) {
    for start in stride(from: 0, to: keys.count, by: 1000) {
      let objectKeys = keys[start..<min(start + 1000, keys.count)].map { names.objectKey(of: $0).name }
      try await retry.run { () throws(BlobStoreError) in
        do throws(S3Failure) {
          let refused = try await client.deleteObjects(objectKeys)
          guard let first = refused.first else { return }
          throw S3Failure.nonsense(
            "\(refused.count) objects were not removed, the first because of \(first.code)")
        } catch {
          throw error.blobStoreError(nil, "removing objects")
        }
      }
    }
  }

  static func info(_ key: BlobKey, _ head: S3Client.ObjectHead) -> BlobInfo {
    BlobInfo(key: key, size: head.size, modified: head.modified, etag: head.etag)
  }

  /// Refuses what cannot work, before anything is asked of the bucket.
  private static func check(_ configuration: S3Configuration) throws(BlobStoreError) {
    guard configuration.partSize >= S3Configuration.smallestPart, configuration.partSize <= 5 << 30 else {
      throw BlobStoreError(
        .unexpected,
        message: "the part size of \(configuration.partSize) bytes is not between 5 MiB and 5 GiB")
    }
    guard configuration.multipartThreshold >= 0, configuration.multipartThreshold <= 5 << 30 else {
      throw BlobStoreError(
        .unexpected,
        message: "the multipart threshold must be between 0 and 5 GiB, the most that one request takes")
    }
    let prefix = configuration.keyPrefix
    guard prefix.utf8.count <= 512, !prefix.hasPrefix("/"), !prefix.contains("//"),
      !prefix.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else {
      throw BlobStoreError(
        .unexpected,
        message:
          "the key prefix '\(prefix)' must have 512 bytes at most, no leading or double '/', no control character"
      )
    }
  }
}
