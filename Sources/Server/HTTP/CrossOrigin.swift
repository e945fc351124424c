import HTTPTypes
import Hummingbird
import NIOCore

/// Lets pages of other servers use this one, as far as `[cors]` says (Fetch standard §3.2; quetz-api.md §5).
///
/// Pure: made from the configuration, it judges a request's head. It says nothing about what a request may do here:
/// permissions and `SameOrigin` are asked all the same.
package struct CrossOrigin: Sendable {
  /// What upstream lists for "all methods".
  private static let allMethods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
  /// How long browsers may remember the answer to a preflight, in seconds.
  private static let maxAge = "600"

  let configuration: CrossOriginConfiguration

  package init(configuration: CrossOriginConfiguration) { self.configuration = configuration }

  /// The answer to a preflight, which asks whether a request may be sent at all, without `fields(for:)`; `nil` for every
  /// other request.
  func preflight(_ request: HTTPRequest) -> Response? {
    guard request.method == .options, let origin = request.headerFields[.origin],
      let method = request.headerFields[.accessControlRequestMethod]
    else { return nil }
    let wanted = request.headerFields[.accessControlRequestHeaders]
    var refused: [String] = []
    if !allows(origin) { refused.append("origin") }
    if let methods = configuration.methods, !methods.contains(method) { refused.append("method") }
    if !allows(headers: wanted) { refused.append("headers") }
    var headers: HTTPFields = [:]
    headers[.accessControlAllowMethods] = (configuration.methods ?? Self.allMethods).joined(separator: ", ")
    headers[.accessControlMaxAge] = Self.maxAge
    headers[.accessControlAllowHeaders] = configuration.headers?.joined(separator: ", ") ?? wanted
    headers[.contentType] = "text/plain; charset=utf-8"
    return Response(
      status: refused.isEmpty ? .ok : .badRequest, headers: headers,
      body: ResponseBody(
        byteBuffer: ByteBuffer(
          string: refused.isEmpty ? "OK" : "Disallowed CORS \(refused.joined(separator: ", "))")))
  }

  /// What every answer says to the page that asked, and to caches: they must not give one origin's answer to another.
  func fields(for origin: String?) -> HTTPFields {
    if configuration.isForAll { return origin == nil ? [:] : [.accessControlAllowOrigin: "*"] }
    var fields: HTTPFields = [.vary: "Origin"]
    guard let origin, allows(origin) else { return fields }
    fields[.accessControlAllowOrigin] = origin
    if configuration.allowsCredentials { fields[.accessControlAllowCredentials] = "true" }
    return fields
  }

  private func allows(_ origin: String) -> Bool {
    configuration.isForAll || configuration.origins.contains(origin.lowercased())
  }

  private func allows(headers: String?) -> Bool {
    guard let allowed = configuration.headers, let headers else { return true }
    // What needs no permission (Fetch standard §2.2.2).
    let simple: Set = ["accept", "accept-language", "content-language", "content-type"]
    return headers.split(separator: ",").allSatisfy { field in
      let name = field.trimming(while: \.isWhitespace).lowercased()
      return name.isEmpty || simple.contains(name) || allowed.contains(name)
    }
  }
}
