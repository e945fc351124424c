/// What of a request is signed: everything S3 sees but the bytes of the body.
public struct SignableRequest: Hashable, Sendable {
  /// In upper case, e.g. `PUT`.
  public let method: String
  /// The path exactly as it goes out, percent-encoded once (``URIEncoding/encode(path:)``), e.g.
  /// `/bucket/a%20b.conda`. Not normalised: `//`, `/./` and `/../` are signed as they are.
  public let path: String
  /// The query's parameters, decoded, in any order; one without a value has an empty one.
  public let query: [NamedValue]
  /// The header fields to sign: `Host` as it is sent (with its port, unless that is the scheme's own), every
  /// `x-amz-` field, and whatever else must not be changed on the way. Not those that the ``Signer`` adds.
  public let headers: [NamedValue]
  /// What is said of the body; a presigned URL says nothing of it and takes no notice.
  public let payload: PayloadHash

  /// A request to sign.
  public init(
    method: String, path: String, query: [NamedValue] = [], headers: [NamedValue],
    payload: PayloadHash = .empty
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.payload = payload
  }
}
