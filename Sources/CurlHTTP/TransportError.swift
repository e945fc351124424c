import CCurl

/// Why a request got no answer, or an answer's body no end.
///
/// A status such as 404 or 503 is an answer, never an error of the transport.
public struct TransportError: Error, Sendable {
  /// What went wrong, as far as a caller may want to branch on it.
  public enum Kind: Hashable, Sendable {
    /// The request cannot be sent at all: no authority, a scheme other than http and https.
    case invalidRequest
    /// The host's name has no address (or the name server did not answer).
    case nameNotResolved
    /// No connection: refused, no route, or cut before the request was sent.
    case cannotConnect
    /// The TLS handshake failed for another reason than trust.
    case tlsHandshake
    /// The server's certificate is not trusted, expired or for another host.
    case untrustedCertificate
    /// `TransferTimeouts.connect` passed before there was a connection.
    case connectTimeout
    /// `TransferTimeouts.idle` passed without a byte in either direction.
    case idleTimeout
    /// `TransferTimeouts.total` passed before the answer was complete.
    case totalTimeout
    /// The connection broke while the request was sent or before the answer's head arrived.
    case connectionLost
    /// The answer's body ended before its declared length.
    case truncatedBody
    /// The peer does not speak HTTP as we understand it.
    case protocolViolation
    /// More redirects than `CurlConfiguration.maxRedirects`.
    case tooManyRedirects
    /// The request's own body failed: unreadable file, a stream that threw or had another length than declared.
    case requestBody
    /// `collect(upTo:)` met a longer body.
    case bodyTooLarge(limit: Int)
    /// The task that waited was cancelled, or the response's body was dropped.
    case cancelled
    /// The transport was shut down.
    case shutDown
    /// libcurl failed in a way that should not happen; the message names its code.
    case unexpected
  }

  /// What went wrong.
  public let kind: Kind
  /// One sentence in English; may name host and port, never header values or bodies.
  public let message: String
  /// The error the caller's own body stream threw, for `.requestBody`.
  public let underlying: (any Error)?

  /// Makes an error; tests and scripted transports need it too.
  public init(_ kind: Kind, _ message: String, underlying: (any Error)? = nil) {
    self.kind = kind
    self.message = message
    self.underlying = underlying
  }

  /// Whether sending the same request again, a little later, may succeed.
  ///
  /// Says nothing about whether it is safe: a request that is not idempotent may have been carried out.
  public var isRetryable: Bool {
    switch kind {
    case .nameNotResolved, .cannotConnect, .tlsHandshake, .connectTimeout, .idleTimeout, .totalTimeout,
      .connectionLost, .truncatedBody:
      true
    case .invalidRequest, .untrustedCertificate, .protocolViolation, .tooManyRedirects, .requestBody,
      .bodyTooLarge, .cancelled, .shutDown, .unexpected:
      false
    }
  }

  /// Whether the request never reached a server: nothing listens, has that name or has a trusted certificate.
  public var isConnectFailure: Bool {
    switch kind {
    case .nameNotResolved, .cannotConnect, .connectTimeout, .tlsHandshake, .untrustedCertificate: true
    default: false
    }
  }
}

extension TransportError: CustomStringConvertible {
  /// The message.
  public var description: String { message }
}

extension TransportError {
  /// What libcurl's result means; `nil` for success.
  ///
  /// - Parameter wasConnected: Whether the request had a connection; tells the two timeouts apart that libcurl
  ///   reports with one code.
  init?(_ code: CURLcode, detail: String, wasConnected: Bool) {
    guard code != CURLE_OK else { return nil }
    let text = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
    let kind = Kind(code, wasConnected: wasConnected)
    self.init(kind, kind == .unexpected ? "\(text) (libcurl error \(code.rawValue))" : text)
  }
}

extension TransportError.Kind {
  init(_ code: CURLcode, wasConnected: Bool) {
    switch code {
    case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT: self = .invalidRequest
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: self = .nameNotResolved
    case CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_INTERFACE_FAILED: self = .cannotConnect
    case CURLE_SSL_CONNECT_ERROR: self = .tlsHandshake
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
      CURLE_SSL_INVALIDCERTSTATUS:
      self = .untrustedCertificate
    case CURLE_OPERATION_TIMEDOUT: self = wasConnected ? .totalTimeout : .connectTimeout
    case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_HTTP2_STREAM, CURLE_SEND_FAIL_REWIND:
      self = .connectionLost
    case CURLE_PARTIAL_FILE: self = .truncatedBody
    // Our own URLs are http or https; what is left is an answer in HTTP/0.9 or a redirect to somewhere else.
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_HTTP2, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
      self = .protocolViolation
    case CURLE_TOO_MANY_REDIRECTS: self = .tooManyRedirects
    case CURLE_READ_ERROR: self = .requestBody
    default: self = .unexpected
    }
  }
}
