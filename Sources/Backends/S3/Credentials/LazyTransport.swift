import CurlHTTP
import HTTPTypes
import Locks

/// A transport that starts its thread with the first request: most chains never send one.
final class LazyTransport: HTTPTransport {
  private let configuration: CurlConfiguration
  private let started = Guarded<CurlTransport?>(nil)

  init(_ configuration: CurlConfiguration) { self.configuration = configuration }

  func send(
    _ request: HTTPRequest, body: HTTPRequestBody, timeouts: TransferTimeouts
  ) async throws(TransportError) -> HTTPTransportResponse {
    let transport = started.withLock { [configuration] transport in
      let known = transport ?? CurlTransport(configuration: configuration)
      transport = known
      return known
    }
    return try await transport.send(request, body: body, timeouts: timeouts)
  }
}
