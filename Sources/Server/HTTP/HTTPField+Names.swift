package import HTTPTypes

extension HTTPField.Name {
  /// A header name written in our own source; a malformed one is our bug.
  private static func constant(_ name: StaticString) -> HTTPField.Name {
    guard let field = HTTPField.Name(name.description) else {
      preconditionFailure("\(name) is not a header name")
    }
    return field
  }

  package static let apiKey = constant("X-API-Key")
  package static let secFetchSite = constant("Sec-Fetch-Site")
  package static let referrerPolicy = constant("Referrer-Policy")
  package static let frameOptions = constant("X-Frame-Options")
  package static let requestID = constant("X-Request-ID")
  package static let errorCode = constant("X-Error-Code")
  /// Upstream's non-standard size header, kept for its scripts.
  package static let contentSize = constant("Content-Size")
}
