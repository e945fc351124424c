import CurlHTTP
import HTTPTypes
import NIOCore
import S3Signer

extension S3Client {
  /// Bytes to send, with the digest that is signed with them.
  struct Payload: Sendable {
    let body: HTTPRequestBody
    let size: Int64
    /// SHA-256, lower-case hexadecimal.
    let sha256: String
  }

  /// Stores an object with one request.
  func putObject(
    _ objectKey: String, _ payload: Payload, metadata: [NamedValue]
  ) async throws(S3Failure) {
    var request = S3Request(.put, objectKey)
    request.headers = metadata
    request.body = payload.body
    request.payload = .sha256(hex: payload.sha256)
    request.carriesObject = true
    try await head(of: request)
  }
}
