import CurlHTTP
import NIOCore
import S3Signer

/// A blob in parts for a multipart upload, made one after the other. Used by one task at a time.
protocol UploadParts: AnyObject, Sendable {
  /// The next part, hashed; `nil` after the last.
  func next() async throws(BlobStoreError) -> S3Client.Payload?
  /// Bytes given out so far, and the SHA-256 of all of them, if that was computed; to be asked at the end.
  func summary() -> (size: Int64, sha256: String?)
}
