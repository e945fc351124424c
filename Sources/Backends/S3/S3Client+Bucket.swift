import CurlHTTP
import HTTPTypes
import NIOCore
import S3Signer

extension S3Client {
  /// Asks whether the bucket is there and may be listed. By a listing, as the answer to a `HEAD` cannot say what
  /// is wrong.
  func checkBucket() async throws(S3Failure) {
    var query = [NamedValue("list-type", "2"), NamedValue("max-keys", "1")]
    if !configuration.keyPrefix.isEmpty { query.append(NamedValue("prefix", configuration.keyPrefix)) }
    _ = try await document(of: S3Request(.get, query: query), root: "ListBucketResult")
  }

  /// Makes the bucket; one that is ours already is no error.
  func createBucket() async throws(S3Failure) {
    var request = S3Request(.put)
    // The first region must not be named, others have to be; servers other than AWS take no notice.
    if !configuration.region.isEmpty, configuration.region != Self.firstRegion {
      let body = ByteBuffer(
        string: "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
          + "<LocationConstraint>\(Self.escape(configuration.region))</LocationConstraint>"
          + "</CreateBucketConfiguration>")
      request.headers = [NamedValue("Content-Type", "application/xml")]
      request.body = .bytes(body)
      request.payload = .of(body.readableBytesView)
    }
    do {
      try await head(of: request)
    } catch {
      guard error.refusal?.code == "BucketAlreadyOwnedByYou" else { throw error }
    }
  }
}
