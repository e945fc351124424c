extension Signer {
  /// Signs a request in its query, for a URL that works without other credentials for `seconds` from the scope's
  /// moment on.
  ///
  /// The body is not signed, whatever the request says of it. The request's headers are signed and so have to be
  /// sent by whoever uses the URL: list `Host` alone, unless the client is known.
  ///
  /// - Parameter seconds: 1 to 604,800 (seven days); S3 refuses others.
  /// - Returns: The target to send; for another method than the request's it is worthless.
  ///
  /// Source: docs.aws.amazon.com, "Authenticating requests: using query parameters".
  public func presign(_ request: SignableRequest, expiresIn seconds: Int) -> PresignedRequest {
    let headers = Self.without(
      ["authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"], request.headers)
    var query = request.query
    query.append(NamedValue("X-Amz-Algorithm", "AWS4-HMAC-SHA256"))
    query.append(NamedValue("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope)"))
    query.append(NamedValue("X-Amz-Date", scope.date.timestamp))
    query.append(NamedValue("X-Amz-Expires", String(seconds)))
    query.append(NamedValue("X-Amz-SignedHeaders", CanonicalRequest.signedHeaders(headers)))
    if let token = credentials.sessionToken { query.append(NamedValue("X-Amz-Security-Token", token)) }
    let canonical = CanonicalRequest(
      SignableRequest(
        method: request.method, path: request.path, query: query, headers: headers,
        payload: scope.service == "s3" ? .unsigned : request.payload))
    let string = StringToSign(canonical, scope: scope)
    let signature = key.signature(of: string)
    let path = request.path.isEmpty ? "/" : request.path
    return PresignedRequest(
      canonicalRequest: canonical, stringToSign: string, signature: signature,
      target: "\(path)?\(CanonicalRequest.canonicalQuery(query))&X-Amz-Signature=\(signature)")
  }
}
