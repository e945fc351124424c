/// A request signed by header fields, with what each stage of signing gave.
public struct SignedRequest: Hashable, Sendable {
  /// Stage one.
  public let canonicalRequest: CanonicalRequest
  /// Stage two.
  public let stringToSign: StringToSign
  /// Stage three: 64 lower-case hexadecimal digits. Also what the first chunk of a ``ChunkedBody`` builds on.
  public let signature: String
  /// What to add to the request's header fields: `X-Amz-Date`, `X-Amz-Content-SHA256`, `X-Amz-Security-Token` (with
  /// temporary credentials), `Authorization`.
  public let headerFields: [NamedValue]
}
