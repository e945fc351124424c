import CurlHTTP
import HTTPTypes
import S3Signer

/// A request to the bucket or to one of its objects, not yet signed. Its body can be sent again.
struct S3Request: Sendable {
  var method: HTTPRequest.Method
  /// The object's whole key in the bucket; `nil` for the bucket itself.
  var objectKey: String?
  var query: [NamedValue] = []
  /// Header fields, all of which are signed.
  var headers: [NamedValue] = []
  var body = HTTPRequestBody.none
  var payload = PayloadHash.empty
  /// Whether request or answer carry an object's bytes, and so may take any time as long as they move.
  var carriesObject = false

  init(_ method: HTTPRequest.Method, _ objectKey: String? = nil, query: [NamedValue] = []) {
    self.method = method
    self.objectKey = objectKey
    self.query = query
  }
}
