/// One call of a store, when it is over: for counters and histograms.
public struct StoreObservation: Sendable {
  /// What was asked for.
  public enum Verb: String, Hashable, Sendable, CaseIterable {
    case put, get, info, delete, list, presign
  }

  /// What was asked for.
  public let verb: Verb
  /// From the call to its end; for `get` and `list` to the last chunk or blob that was read.
  public let duration: Duration
  /// For `get` to the moment the blob was open; otherwise as ``duration``.
  public let latency: Duration
  /// Bytes of blobs that were read; for `put` those announced, as far as their number is known.
  public let bytes: Int64
  /// Why it failed; `nil` for success, and for a read that its reader gave up.
  public let failure: BlobStoreError.Kind?
}
