import APITypes
import HTTPTypes

/// The proof that a request comes from a page of ours, asked of every change that relies on a cookie.
///
/// A browser says where a request comes from and no page can change that: `Sec-Fetch-Site` (Fetch Metadata) and, from
/// older browsers, `Origin` (RFC 6454). Without either the cookie is not enough: scripts use keys.
enum SameOrigin {
  /// Methods that change nothing.
  private static let safeMethods: Set<HTTPRequest.Method> = [.get, .head, .options]

  /// - Throws: 403 `cross_site_request`.
  static func require(_ request: HTTPRequest, _ principal: Principal) throws {
    guard principal.credentialKind == .session, !safeMethods.contains(request.method) else { return }
    guard isProven(request.headerFields, authority: request.authority) else {
      throw APIError(.crossSiteRequest, "a change with a session cookie must come from a page of this server")
    }
  }

  static func isProven(_ headers: HTTPFields, authority: String?) -> Bool {
    if let site = headers[.secFetchSite] { return site.lowercased() == "same-origin" }
    // The scheme is the proxy's affair; host and port must be the ones this request was sent to.
    guard let origin = headers[.origin]?.lowercased(), let authority = authority?.lowercased() else {
      return false
    }
    return origin == "https://\(authority)" || origin == "http://\(authority)"
  }
}
