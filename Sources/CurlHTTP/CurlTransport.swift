public import HTTPTypes

/// HTTP by libcurl: one thread for all transfers, connections kept and reused, bodies streaming both ways.
///
/// Make one per process part and keep it; each has its own connections. When the last reference goes, running
/// transfers are finished first; `shutdown()` ends them.
///
/// ```swift
/// let transport = CurlTransport()
/// let answer = try await transport.send(HTTPRequest(url: "http://127.0.0.1:8000/api/channels"))
/// let json = try await answer.collect(upTo: 1 << 20)
/// ```
public final class CurlTransport: HTTPTransport {
  private let loop: CurlLoop

  /// Starts the transport's thread.
  public init(configuration: CurlConfiguration = .init()) {
    loop = CurlLoop(configuration: configuration)
    loop.run()
  }

  deinit { loop.end(.draining) }

  /// Breaks off what is running (`.shutDown`) and refuses what comes later. Returns at once; may be repeated.
  public func shutdown() { loop.end(.stopping) }

  /// Sends a request through the transport's thread; see `HTTPTransport`.
  public func send(
    _ request: HTTPRequest, body: HTTPRequestBody, timeouts: TransferTimeouts
  ) async throws(TransportError) -> HTTPTransportResponse {
    let exchange = CurlExchange(request: request, body: body, timeouts: timeouts, loop: loop)
    let response = try await exchange.start()
    return HTTPTransportResponse(response: response, body: HTTPResponseBody(.exchange(BodyLease(exchange))))
  }
}
