public import HTTPTypes
import S3Signer

extension S3Store: PresigningBlobStore {
  /// A signed URL (Signature V4 in the query), made without asking the bucket.
  ///
  /// With a ``S3Configuration/publicURL``, the URLs of `GET` and `HEAD` begin with it: it takes the place of
  /// everything before the object's key, and the rest stays as it was signed, for the bucket's own host.
  ///
  /// ```
  /// https://bucket.s3.eu-central-1.amazonaws.com/sha256/9f/9f86…?X-Amz-Algorithm=…
  /// https://cdn.example.com/packages/sha256/9f/9f86…?X-Amz-Algorithm=…
  /// ```
  /// So the CDN asks the bucket by the bucket's own host name and passes the query on, or ignores it if it has
  /// rights of its own. `PUT` always goes to the bucket.
  public func presignedURL(
    for key: BlobKey, method: HTTPRequest.Method, expiresIn lifetime: Duration, responseFields: HTTPFields
  ) async throws(BlobStoreError) -> String {
    let seconds = lifetime.components.seconds
    guard lifetime.components.attoseconds == 0, (1...604_800).contains(seconds) else {
      throw BlobStoreError(
        .unexpected, key: key,
        message: "a URL is valid for whole seconds from 1 to 604800, not for \(lifetime)")
    }
    let (signer, endpoint): (Signer, S3Endpoint)
    do {
      (signer, endpoint) = try await client.readySigner()
    } catch {
      throw error.blobStoreError(key, "signing a URL")
    }
    let objectKey = names.objectKey(of: key).name
    let signed = signer.presign(
      SignableRequest(
        method: method.rawValue, path: endpoint.path(of: objectKey),
        query: try Self.overrides(responseFields, method, key),
        headers: [NamedValue("Host", endpoint.authority)]),
      expiresIn: Int(seconds))
    let isRead = method == .get || method == .head
    guard isRead, var base = configuration.publicURL else {
      return "\(endpoint.scheme)://\(endpoint.authority)\(signed.target)"
    }
    while base.hasSuffix("/") { base.removeLast() }
    return base + signed.target.dropFirst(endpoint.basePath.count)
  }

  private static func overrides(
    _ fields: HTTPFields, _ method: HTTPRequest.Method, _ key: BlobKey
  ) throws(BlobStoreError) -> [NamedValue] {
    var query: [NamedValue] = []
    for field in fields {
      guard method == .get, let override = ResponseOverride(headerName: field.name.rawName) else {
        throw BlobStoreError(
          .unexpected, key: key, message: "a signed \(method) cannot set the answer's \(field.name)")
      }
      query.append(override.parameter(field.value))
    }
    return query
  }
}
