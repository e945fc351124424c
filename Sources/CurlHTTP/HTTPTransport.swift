public import HTTPTypes
public import NIOCore

/// Something that sends a request and brings back the answer, streaming both ways.
///
/// Two kinds exist: `CurlTransport` for the network, and scripted ones in tests.
public protocol HTTPTransport: Sendable {
  /// Sends a request and returns as soon as the final answer's head is there.
  ///
  /// - Parameters:
  ///   - request: `scheme`, `authority` and `path` hold the URL. The path goes out byte for byte: `/../`, `%2e`,
  ///     `//` are not tidied. `Content-Length` and `Transfer-Encoding` follow from `body`.
  ///   - body: What to send after the head.
  ///   - timeouts: How long to wait for what.
  /// - Returns: Status and header fields, and the body as a stream that is still arriving. 1xx answers are
  ///   swallowed; 3xx are answers like any other.
  /// - Throws: A `TransportError`; `.cancelled` if the task is cancelled meanwhile.
  func send(
    _ request: HTTPRequest, body: HTTPRequestBody, timeouts: TransferTimeouts
  ) async throws(TransportError) -> HTTPTransportResponse
}

extension HTTPTransport {
  /// Sends a request, by default without a body and with the default timeouts.
  public func send(
    _ request: HTTPRequest, body: HTTPRequestBody = .none
  ) async throws(TransportError) -> HTTPTransportResponse {
    try await send(request, body: body, timeouts: TransferTimeouts())
  }
}

/// What a request carries after its head.
public enum HTTPRequestBody: Sendable {
  /// Nothing; POST, PUT and PATCH then say `Content-Length: 0`.
  case none
  /// Bytes at hand.
  case bytes(ByteBuffer)
  /// `size` bytes of a file, from `offset` on, read in pieces while they are sent. A shorter file is an error.
  case file(path: String, offset: Int64 = 0, size: Int64)
  /// Bytes made while they are sent. Without a size they go out chunked (HTTP/1.1). At most 1 MiB, and the chunk
  /// that crosses it, waits in memory. The stream is iterated once: such a request cannot be repeated silently.
  case stream(size: Int64?, any AsyncSequence<ByteBuffer, any Error> & Sendable)

  /// Bytes of a text in UTF-8.
  public static func text(_ text: String) -> Self { .bytes(ByteBuffer(string: text)) }
}

/// How long to wait for what; `nil` is for ever.
public struct TransferTimeouts: Hashable, Sendable {
  /// Until the connection stands: name, TCP and TLS.
  public var connect: Duration?
  /// Without a byte in either direction, connecting included; time in which our own side is behind does not count.
  /// Found out between one and two times this long after the last byte.
  public var idle: Duration?
  /// From the moment a connection is looked for to the answer's last byte.
  public var total: Duration?

  /// Timeouts that suit a service nearby: 30 s to connect, 60 s without a byte, no limit in all.
  public init(connect: Duration? = .seconds(30), idle: Duration? = .seconds(60), total: Duration? = nil) {
    self.connect = connect
    self.idle = idle
    self.total = total
  }
}

extension HTTPRequest {
  /// A request for an absolute URL, e.g. `http://127.0.0.1:8000/get/channel0/noarch/repodata.json?x=1`.
  ///
  /// The URL is only split, never normalised or percent-encoded; a fragment stays part of the path.
  ///
  /// - Throws: `.invalidRequest` if it does not begin with `http://` or `https://` and an authority.
  public init(
    _ method: Method = .get, url: String, headerFields: HTTPFields = [:]
  ) throws(TransportError) {
    guard let separator = url.firstRange(of: "://") else {
      throw TransportError(.invalidRequest, "'\(url)' is not an absolute URL")
    }
    let scheme = url[..<separator.lowerBound].lowercased()
    let rest = url[separator.upperBound...]
    let pathStart = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
    let authority = String(rest[..<pathStart])
    let path = String(rest[pathStart...])
    guard scheme == "http" || scheme == "https", !authority.isEmpty else {
      throw TransportError(.invalidRequest, "'\(url)' is not an http or https URL with a host")
    }
    self.init(
      method: method, scheme: scheme, authority: authority, path: path.hasPrefix("/") ? path : "/" + path,
      headerFields: headerFields)
  }
}
