public import Foundation

/// What a store knows about a blob without reading it.
public struct BlobInfo: Hashable, Sendable {
  /// Where the blob lies.
  public let key: BlobKey
  /// How many bytes it has.
  public let size: Int64
  /// When it was last put, by the backend's clock.
  public let modified: Date
  /// The backend's own validator, opaque, without quotes; `nil` where the backend has none. Not a digest of
  /// ours.
  public let etag: String?

  /// A value with these facts.
  public init(key: BlobKey, size: Int64, modified: Date, etag: String? = nil) {
    self.key = key
    self.size = size
    self.modified = modified
    self.etag = etag
  }

  /// The bytes that a `get` with `range` gives: all of them for `nil`, else `range` cut off at the blob's
  /// end.
  ///
  /// Every backend decides through this one function, so that they agree on the edges: a range must not be
  /// empty, start below 0, or start at or past the end (so no range at all fits an empty blob).
  ///
  /// - Throws: `.rangeNotSatisfiable`.
  public func resolve(_ range: Range<Int64>?) throws(BlobStoreError) -> Range<Int64> {
    guard let range else { return 0..<size }
    guard range.lowerBound >= 0, range.lowerBound < size, !range.isEmpty else {
      throw BlobStoreError(
        .rangeNotSatisfiable(size: size), key: key,
        message: "range \(range) wanted, the blob has bytes 0..<\(size)")
    }
    return range.clamped(to: 0..<size)
  }
}
