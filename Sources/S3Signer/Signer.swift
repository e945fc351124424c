/// Signs requests for one region's service at one moment: a pure function of credentials, scope and request.
///
/// The result is what each stage gave, so that a test can say which one is wrong.
public struct Signer: Sendable {
  /// What is signed with.
  public let credentials: Credentials
  /// Where and when the signatures are valid.
  public let scope: SigningScope
  let key: SigningKey

  /// A signer for the scope's moment; derives its key (four HMACs).
  public init(_ credentials: Credentials, scope: SigningScope) {
    self.init(credentials, scope: scope, key: SigningKey(credentials, scope: scope))
  }

  private init(_ credentials: Credentials, scope: SigningScope, key: SigningKey) {
    self.credentials = credentials
    self.scope = scope
    self.key = key
  }

  /// The same signer at another moment. Derives a new key only if the day is another one.
  public func at(_ date: SigningDate) -> Signer {
    let moved = SigningScope(date: date, region: scope.region, service: scope.service)
    return date.day == scope.date.day
      ? Signer(credentials, scope: moved, key: key) : Signer(credentials, scope: moved)
  }

  /// Signs a request by header fields, which are to be added to those it has.
  ///
  /// Added and signed are `X-Amz-Date`, with temporary credentials `X-Amz-Security-Token`, and for S3
  /// `X-Amz-Content-SHA256`; then comes `Authorization`. What the request has of these names is left out.
  public func sign(_ request: SignableRequest) -> SignedRequest {
    var added = [NamedValue("X-Amz-Date", scope.date.timestamp)]
    if scope.service == "s3" { added.append(NamedValue("X-Amz-Content-SHA256", request.payload.headerValue)) }
    if let token = credentials.sessionToken { added.append(NamedValue("X-Amz-Security-Token", token)) }
    let canonical = CanonicalRequest(
      SignableRequest(
        method: request.method, path: request.path, query: request.query,
        headers: Self.without(added.map(\.name) + ["authorization"], request.headers) + added,
        payload: request.payload))
    let string = StringToSign(canonical, scope: scope)
    let signature = key.signature(of: string)
    let authorization =
      "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope), "
      + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature)"
    return SignedRequest(
      canonicalRequest: canonical, stringToSign: string, signature: signature,
      headerFields: added + [NamedValue("Authorization", authorization)])
  }

  /// Header fields without those of some names.
  static func without(_ names: [String], _ fields: [NamedValue]) -> [NamedValue] {
    let names = names.map(\.lowercasedASCII)
    return fields.filter { !names.contains($0.name.lowercasedASCII) }
  }
}
