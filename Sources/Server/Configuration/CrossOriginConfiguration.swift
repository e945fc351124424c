/// `[cors]`: which pages of other servers may use this one from a browser. Without the section none may.
///
/// - `allow_origins` (list, []): e.g. `["https://ui.example.org"]`; `["*"]` is every page, without cookies.
/// - `allow_credentials` (bool, true): whether pages of the named origins may send the session cookie along. Changes with a
///   session stay reserved to pages of this server.
/// - `allow_methods` (list, ["*"]), `allow_headers` (list, ["*"]): what they may send.
package struct CrossOriginConfiguration: Hashable, Sendable {
  package var origins: Set<String>
  package var allowsCredentials: Bool
  /// `nil` is every method.
  package var methods: [String]?
  /// In lower case; `nil` is every header.
  package var headers: [String]?

  /// Whether every origin may.
  package var isForAll: Bool { origins.contains("*") }

  /// `nil` if the section names no origin.
  package init?(reading reader: inout ConfigurationReader) {
    let origins = reader.strings("cors", "allow_origins").filter { !$0.isEmpty }
    allowsCredentials = reader.bool("cors", "allow_credentials", default: true)
    let methods = reader.strings("cors", "allow_methods").map { $0.uppercased() }
    let headers = reader.strings("cors", "allow_headers").map { $0.lowercased() }
    self.methods = methods.isEmpty || methods.contains("*") ? nil : methods
    self.headers = headers.isEmpty || headers.contains("*") ? nil : headers
    for origin in origins where origin != "*" && !Self.isOrigin(origin) {
      reader.report(
        "cors", "allow_origins",
        "found \"\(origin)\", expected an origin such as https://ui.example.org, or * for all")
    }
    self.origins = Set(origins.map { $0.lowercased() })
    if origins.isEmpty { return nil }
  }

  /// Whether it is scheme, host and perhaps a port, as browsers send it: no path, not even a slash.
  private static func isOrigin(_ text: String) -> Bool {
    guard let scheme = ["https://", "http://"].first(where: text.lowercased().hasPrefix) else { return false }
    let host = text.dropFirst(scheme.count)
    return !host.isEmpty && host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
      && !host.contains(where: "/?#@".contains)
  }
}
