/// Through which proxies requests go. Read from nowhere by this module; `init(environment:)` understands the
/// variables that others use.
public struct HTTPProxies: Hashable, Sendable {
  /// For `http://` URLs, e.g. `http://proxy.example.com:3128`; `nil` for none.
  public var http: String?
  /// For `https://` URLs, through `CONNECT`; `nil` for none.
  public var https: String?
  /// Hosts reached directly, separated by commas: names with all below them, addresses, networks, `*` for all.
  public var exceptions: String

  /// Proxies and the hosts that need none.
  public init(http: String? = nil, https: String? = nil, exceptions: String = "") {
    self.http = http
    self.https = https
    self.exceptions = exceptions
  }

  /// No proxy at all.
  public static let none = HTTPProxies()

  /// What `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say, in lower or upper case; lower case wins,
  /// an empty value is none.
  public init(environment: [String: String]) {
    func value(_ name: String) -> String? {
      (environment[name] ?? environment[name.uppercased()]).flatMap { $0.isEmpty ? nil : $0 }
    }
    self.init(
      http: value("http_proxy") ?? value("all_proxy"), https: value("https_proxy") ?? value("all_proxy"),
      exceptions: value("no_proxy") ?? "")
  }
}
