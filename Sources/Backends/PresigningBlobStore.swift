public import HTTPTypes

/// A store that can hand out URLs which let whoever has them reach one blob for a while, without other
/// credentials.
public protocol PresigningBlobStore: BlobStore {
  /// A URL for one request, valid from now on for `lifetime`.
  ///
  /// Nothing is asked of the backend about the blob: a URL for a missing key is made too and answers 404.
  ///
  /// - Parameters:
  ///   - method: The only method that the URL works with.
  ///   - lifetime: Whole seconds, 1 second to 7 days (S3's limits).
  ///   - responseFields: Header fields that the answer to a `GET` is to carry instead of the stored ones; S3
  ///     allows `Content-Type`, `Content-Disposition`, `Content-Encoding`, `Content-Language`,
  ///     `Cache-Control`, `Expires`.
  /// - Throws: `.unavailable` if credentials have to be fetched and cannot be; `.unexpected` for a lifetime
  ///   or a field outside the limits.
  func presignedURL(
    for key: BlobKey, method: HTTPRequest.Method, expiresIn lifetime: Duration, responseFields: HTTPFields
  ) async throws(BlobStoreError) -> String
}
