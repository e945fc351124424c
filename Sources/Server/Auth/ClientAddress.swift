package import HTTPTypes
import NIOCore

/// Where a request comes from: the connection's address or, if one is configured, a trusted proxy's header.
package struct ClientAddress: Sendable {
  /// The header that the proxy in front sets, e.g. `X-Real-IP`; `nil` trusts none.
  let header: HTTPField.Name?

  package init(header: HTTPField.Name?) { self.header = header }

  /// The last entry of the header: earlier ones are what the client claims.
  package func address(headers: HTTPFields, connection: String?) -> String? {
    guard let header, let value = headers[header] else { return connection }
    let last = value.split(separator: ",").last.map { Self.withoutPort($0.trimming { $0 == " " }) } ?? ""
    let allowed = last.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    return last.isEmpty || last.utf8.count > 64 || !allowed ? connection : last
  }

  /// Some proxies add the client's port, `192.0.2.1:4711` and `[2001:db8::1]:4711`, which is another one every time.
  private static func withoutPort(_ text: Substring) -> String {
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      return String(text[text.index(after: text.startIndex)..<end])
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 ? String(parts[0]) : String(text)
  }
}
