/// A header field of the answer to a signed `GET` that the request itself can set: the `response-*` parameters.
///
/// Source: docs.aws.amazon.com, S3 API reference, "GetObject", "Overriding response header values".
public enum ResponseOverride: String, CaseIterable, Sendable {
  case cacheControl = "response-cache-control"
  case contentDisposition = "response-content-disposition"
  case contentEncoding = "response-content-encoding"
  case contentLanguage = "response-content-language"
  case contentType = "response-content-type"
  case expires = "response-expires"

  /// The override of a header field, e.g. `Content-Type`; `nil` for fields that S3 does not let requests set.
  public init?(headerName: String) {
    self.init(rawValue: "response-\(headerName.lowercasedASCII)")
  }

  /// The query parameter that sets the field to `value`.
  public func parameter(_ value: String) -> NamedValue { NamedValue(rawValue, value) }
}
