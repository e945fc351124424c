/// A request in the one form that both sides hash, whatever order and spacing it had on the way.
///
/// ```
/// PUT                                               method
/// /bucket/a%20b.conda                               path, as sent
/// partNumber=3&uploadId=VXBs%2Bb2FkIElE             query: encoded, sorted by name, then by value
/// host:s3.example.com                               headers: lower-case names, sorted, values trimmed
/// x-amz-content-sha256:e3b0c442…
/// x-amz-date:20150830T123600Z
///                                                   (empty)
/// host;x-amz-content-sha256;x-amz-date              the names of the headers above
/// e3b0c442…                                         the payload hash
/// ```
/// Source: docs.aws.amazon.com, "Signature Version 4: create a canonical request", with S3's rule that paths are
/// neither normalised nor encoded a second time.
public struct CanonicalRequest: Hashable, Sendable {
  /// All lines, joined by line feeds, none at the end.
  public let text: String
  /// The names of the headers that are signed, e.g. `host;x-amz-date`.
  public let signedHeaders: String

  /// The canonical form of a request; every header it lists is signed.
  public init(_ request: SignableRequest) {
    let headers = Self.canonicalHeaders(request.headers)
    signedHeaders = headers.map(\.name).joined(separator: ";")
    text = [
      request.method, request.path.isEmpty ? "/" : request.path, Self.canonicalQuery(request.query),
      headers.map { "\($0.name):\($0.value)\n" }.joined(), signedHeaders, request.payload.headerValue,
    ].joined(separator: "\n")
  }

  /// What ``signedHeaders`` would be of these fields.
  static func signedHeaders(_ fields: [NamedValue]) -> String {
    canonicalHeaders(fields).map(\.name).joined(separator: ";")
  }

  /// The query, encoded and sorted; also a valid query to send.
  static func canonicalQuery(_ parameters: [NamedValue]) -> String {
    parameters.map { (URIEncoding.encode(component: $0.name), URIEncoding.encode(component: $0.value)) }
      // As pairs, not as `name=value`: `a=2` comes before `a-b=1`, although `-` comes before `=`.
      .sorted { $0 < $1 }
      .map { "\($0)=\($1)" }
      .joined(separator: "&")
  }

  /// Lower-case names, each once; the values of a repeated field joined by commas, in the order given.
  private static func canonicalHeaders(_ fields: [NamedValue]) -> [NamedValue] {
    let sorted = fields.enumerated()
      .map { (name: Array($1.name.lowercasedASCII.utf8), position: $0, value: $1.value.collapsingSpaces) }
      .sorted { one, other in
        one.name == other.name
          ? one.position < other.position : one.name.lexicographicallyPrecedes(other.name)
      }
    var merged: [(name: [UInt8], value: String)] = []
    for (name, _, value) in sorted {
      if let last = merged.last, last.name == name {
        merged[merged.count - 1].value += ",\(value)"
      } else {
        merged.append((name, value))
      }
    }
    return merged.map { NamedValue(String(decoding: $0.name, as: UTF8.self), $0.value) }
  }
}

extension String {
  /// With `A–Z` made small and nothing else touched, as header names are compared (RFC 9110 §5.1).
  var lowercasedASCII: String {
    String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
  }

  /// Without white space at the ends, every run of it inside as one space.
  fileprivate var collapsingSpaces: String {
    utf8.split { $0 == 0x20 || (0x09...0x0D).contains($0) }
      .map { String(decoding: $0, as: UTF8.self) }
      .joined(separator: " ")
  }
}
