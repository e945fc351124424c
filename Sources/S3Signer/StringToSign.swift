/// The text that is signed: what, when and where a canonical request is for.
///
/// ```
/// AWS4-HMAC-SHA256
/// 20150830T123600Z                                  the moment
/// 20150830/us-east-1/s3/aws4_request                the scope
/// e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b9…    SHA-256 of the canonical request
/// ```
/// A chunk of a body has `AWS4-HMAC-SHA256-PAYLOAD`, moment, scope, the signature before it, the SHA-256 of nothing
/// (of headers, which no chunk has) and that of its bytes; a trailer has `AWS4-HMAC-SHA256-TRAILER`, moment, scope,
/// the last chunk's signature and the SHA-256 of its lines.
///
/// Sources: docs.aws.amazon.com, "Signature Version 4: create a string to sign", "Signature calculations: transferring
/// payload in multiple chunks" and "… including trailing headers".
public struct StringToSign: Hashable, Sendable {
  /// The lines, joined by line feeds, none at the end.
  public let text: String

  /// The string to sign of a canonical request that is signed in `scope`, at the scope's date.
  public init(_ request: CanonicalRequest, scope: SigningScope) {
    self.init(canonicalRequest: request.text, scope: scope)
  }

  /// The same, of a canonical request's text.
  public init(canonicalRequest: String, scope: SigningScope) {
    text = Self.join("AWS4-HMAC-SHA256", scope, [Self.digest(of: canonicalRequest)])
  }

  /// The string to sign of a chunk whose bytes have the SHA-256 `chunkDigest` (lower-case hexadecimal).
  public init(chunkDigest: String, previousSignature: String, scope: SigningScope) {
    text = Self.join(
      "AWS4-HMAC-SHA256-PAYLOAD", scope, [previousSignature, PayloadHash.empty.headerValue, chunkDigest])
  }

  /// The string to sign of a trailer's lines, each `name:value` and a line feed.
  public init(trailer: String, previousSignature: String, scope: SigningScope) {
    text = Self.join("AWS4-HMAC-SHA256-TRAILER", scope, [previousSignature, Self.digest(of: trailer)])
  }

  /// A text made elsewhere, so that signing can be tested by itself.
  package init(text: String) { self.text = text }

  private static func join(_ algorithm: String, _ scope: SigningScope, _ rest: [String]) -> String {
    ([algorithm, scope.date.timestamp, scope.description] + rest).joined(separator: "\n")
  }

  private static func digest(of text: String) -> String {
    Hex.encode(SHA256Hasher.digest(of: text.utf8))
  }
}
