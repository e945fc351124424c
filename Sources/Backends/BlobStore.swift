/// A place that keeps bytes under keys.
///
/// Five verbs, with semantics every backend can keep; each sentence below is a check in `BackendConformance`.
/// Keys are independent of each other: `a` and `a/b` can both exist. After a `put` or `delete` returns, every
/// later call sees it.
public protocol BlobStore: Sendable {
  /// Stores bytes under a key, all of them or nothing, and returns when they are safe.
  ///
  /// A reader sees the blob that was there before or the whole new one. May be repeated; of several at the
  /// same time one wins.
  ///
  /// - Throws: `.digestMismatch` if the bytes are not those that `body` announces; `.outOfSpace`;
  ///   `.permissionDenied`; `.unavailable` (retryable); `.unexpected`, with the cause as `underlying`, if the
  ///   body's own stream fails or its file cannot be read. After an error the key holds what it held before.
  func put(_ body: BlobBody, at key: BlobKey) async throws(BlobStoreError)

  /// Opens a blob, or a part of it, as a stream.
  ///
  /// - Parameters:
  ///   - key: Where the blob lies, e.g. `sha256/9f/9f86d081884c…`.
  ///   - range: Bytes wanted, half-open and 0-based (RFC 9110 §14.1.2 is closed; convert first); an end past
  ///     the blob's is cut off; `nil` means all.
  /// - Returns: The whole blob's size and ETag, and the chunks in order, 64 KiB at most each. An open reader
  ///   survives deletion and replacement of its key.
  /// - Throws: `.notFound` if no blob has this key; `.rangeNotSatisfiable` if `range` is empty or starts at
  ///   or past the end; `.unavailable` (retryable) if the backend cannot be reached. Later failures end the
  ///   stream with the same error type.
  func get(_ key: BlobKey, range: Range<Int64>?) async throws(BlobStoreError) -> BlobReader

  /// What is known about a blob.
  ///
  /// - Throws: `.notFound` if no blob has this key; `.unavailable` (retryable).
  func info(_ key: BlobKey) async throws(BlobStoreError) -> BlobInfo

  /// Removes a blob; does nothing if there is none.
  ///
  /// - Throws: `.permissionDenied`; `.unavailable` (retryable).
  func delete(_ key: BlobKey) async throws(BlobStoreError)

  /// The blobs whose keys begin with `prefix` (bytes, not segments; empty for all), in the order of their
  /// keys' UTF-8 bytes.
  func list(prefix: String) -> BlobListing
}

extension BlobStore {
  /// Opens a whole blob as a stream; see ``get(_:range:)``.
  public func get(_ key: BlobKey) async throws(BlobStoreError) -> BlobReader {
    try await get(key, range: nil)
  }
}
