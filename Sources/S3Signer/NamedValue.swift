/// A query parameter or a header field of a request: a name and its value, both as plain text, never encoded.
public struct NamedValue: Hashable, Sendable {
  /// E.g. `list-type` or `Content-Type`; in headers the case does not matter.
  public let name: String
  /// E.g. `2` or `application/octet-stream`; may be empty.
  public let value: String

  /// A name with its value.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}
