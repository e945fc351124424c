import APITypes
package import Hummingbird
package import NIOCore

/// What travels with a request: who asks, over which connection, under which identifier.
package struct AppContext: RequestContext {
  package var coreContext: CoreRequestContextStorage
  /// The connection: sendfile and `100 Continue` go to it directly.
  package let connection: any Channel
  /// Set by the pipeline before any route runs.
  package var principal: Principal = .anonymous
  package var requestID = ""
  /// Whether the path began with `/t/<key>/`, right or wrong.
  package var carriesPathToken = false
  /// The API key that the request carries, right or wrong.
  package var presentedKey: PresentedKey?
  /// From where, by the connection or the configured proxy header; set by the pipeline as well.
  package var clientAddress: String?

  package init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    connection = source.channel
  }

  /// A path parameter, percent-decoded.
  ///
  /// - Throws: 404 if it is malformed: no such thing can exist.
  func pathParameter(_ name: String) throws -> String {
    guard let raw = parameters.get(name), let text = PercentEncoding.decode(raw), !text.isEmpty,
      !text.utf8.contains(0)
    else { throw APIError(.routeNotFound, "Not Found") }
    return text
  }
}
