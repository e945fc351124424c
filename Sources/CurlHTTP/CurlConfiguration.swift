/// How a `CurlTransport` behaves; the same for all its requests.
public struct CurlConfiguration: Sendable {
  /// Whether servers' certificates are checked, for trust and for the host's name.
  public var verifyTLS = true
  /// A PEM file of trusted authorities instead of the system's.
  public var caBundle: String?
  /// Through which proxies requests go. Never read from the environment: whoever makes the transport passes it.
  public var proxies = HTTPProxies.none
  /// Redirects followed before giving up; 0 hands a 3xx to the caller.
  public var maxRedirects = 0
  /// Whether big uploads (over 1 MiB or of unknown size) ask first with `Expect: 100-continue`.
  public var expectContinue = true
  /// Whether HTTP/2 is offered to servers reached by https.
  public var allowHTTP2 = true
  /// Transfers at the same time; further ones wait their turn. A slow reader holds its place.
  public var maxConcurrentTransfers = 256
  /// Connections kept open for reuse.
  public var maxIdleConnections = 64
  /// Bytes of a body that may wait for their reader (or, uploading, for the network) before the other side is
  /// stopped, and how few must be left before it goes on.
  public var buffering = Buffering()

  /// High and low mark of a body's buffer, in bytes.
  public struct Buffering: Hashable, Sendable {
    /// Where the producing side is stopped.
    public var high = 1 << 20
    /// Where it goes on.
    public var low = 256 << 10

    /// 1 MiB and 256 KiB, or others.
    public init(high: Int = 1 << 20, low: Int = 256 << 10) {
      self.high = high
      self.low = low
    }
  }

  /// The defaults.
  public init() {}
}
