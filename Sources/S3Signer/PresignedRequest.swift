/// A request signed in its query, with what each stage of signing gave: whoever has the URL may send it.
public struct PresignedRequest: Hashable, Sendable {
  /// Stage one.
  public let canonicalRequest: CanonicalRequest
  /// Stage two.
  public let stringToSign: StringToSign
  /// Stage three: 64 lower-case hexadecimal digits.
  public let signature: String
  /// Path and query as they go out, e.g. `/bucket/key?X-Amz-Algorithm=…&X-Amz-Signature=…`; the URL is scheme, `://`
  /// and the signed `Host` in front of it.
  public let target: String
}
