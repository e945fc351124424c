import Foundation

/// Where a server is: scheme, host, and the path it is mounted under, e.g. `https://conda.example.org/quetz`.
public struct RegistryURL: Hashable, Sendable, CustomStringConvertible {
  /// `http` or `https`.
  public let scheme: String
  /// Host with an optional port, e.g. `127.0.0.1:8000`.
  public let authority: String
  /// Empty, or `/` and what follows, without a slash at the end.
  public let basePath: String

  /// Reads `http[s]://host[:port][/path]`. `quetz://` is https, as other clients write it.
  public init(parsing text: String) throws(RegistryError) {
    let trimmed = text.trimmingCharacters(in: .whitespaces)
    guard let separator = trimmed.firstRange(of: "://") else {
      throw .invalidURL("'\(text)' is not a URL: expected http://… or https://…")
    }
    let scheme = trimmed[..<separator.lowerBound].lowercased()
    guard ["http", "https", "quetz"].contains(scheme) else {
      throw .invalidURL("'\(text)': expected http:// or https://, found \(scheme)://")
    }
    let rest = trimmed[separator.upperBound...]
    let authority = rest.prefix { !"/?#".contains($0) }
    guard !authority.isEmpty, !authority.contains("@"), !authority.contains(where: \.isWhitespace) else {
      throw .invalidURL("the URL has no plain host; a key goes into QUETZ_API_KEY, not into the URL")
    }
    var path = rest[authority.endIndex...]
    guard !path.contains("?"), !path.contains("#") else {
      throw .invalidURL("'\(text)': expected a URL without a query or fragment")
    }
    while path.hasSuffix("/") { path.removeLast() }
    self.scheme = scheme == "quetz" ? "https" : scheme
    self.authority = String(authority)
    basePath = String(path)
  }

  private init(scheme: String, authority: String, basePath: String) {
    self.scheme = scheme
    self.authority = authority
    self.basePath = basePath
  }

  /// Reads an upload address as people know it: `URL/api/channels/CHANNEL`.
  ///
  /// - Returns: The server and the channel's name, percent-decoded.
  public static func uploadAddress(
    parsing text: String
  ) throws(RegistryError) -> (server: RegistryURL, channel: String) {
    let whole = try RegistryURL(parsing: text)
    let marker = "/api/channels/"
    guard let range = whole.basePath.firstRange(of: marker),
      let channel = whole.basePath[range.upperBound...].removingPercentEncoding,
      !channel.isEmpty, !channel.contains("/")
    else { throw .invalidURL("'\(text)': expected URL/api/channels/CHANNEL") }
    let server = RegistryURL(
      scheme: whole.scheme, authority: whole.authority, basePath: String(whole.basePath[..<range.lowerBound]))
    return (server, channel)
  }

  /// Whether a key sent there could be read on the way: plain http to another machine.
  public var exposesKeys: Bool {
    guard scheme == "http" else { return false }
    return !Self.isLoopback(host)
  }

  /// The host without the port, and without the brackets of an IPv6 address.
  public var host: String {
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
      return String(authority[authority.index(after: authority.startIndex)..<end])
    }
    return String(authority.prefix { $0 != ":" })
  }

  private static func isLoopback(_ host: String) -> Bool {
    let name = host.lowercased()
    if name == "localhost" || name.hasSuffix(".localhost") || name == "::1" { return true }
    let numbers = name.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
  }

  /// The URL, without a slash at the end.
  public var description: String { "\(scheme)://\(authority)\(basePath)" }
}
