/// The text that is signed: what, when and where a canonical request is for.
///
/// ```
/// AWS4-HMAC-SHA256
/// 20150830T123600Z                                  the moment
/// 20150830/us-east-1/s3/aws4_request                the scope
/// e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b9…    SHA-256 of the canonical request
/// ```
/// Source: docs.aws.amazon.com, "Signature Version 4: create a string to sign".
public struct StringToSign: Hashable, Sendable {
  /// The four lines, joined by line feeds, none at the end.
  public let text: String

  /// The string to sign of a canonical request that is signed in `scope`, at the scope's date.
  public init(canonicalRequest: String, scope: SigningScope) {
    let digest = Hex.encode(SHA256Hasher.digest(of: canonicalRequest.utf8))
    text = "AWS4-HMAC-SHA256\n\(scope.date.timestamp)\n\(scope)\n\(digest)"
  }
}
