import Foundation

/// An `http` or `https` URL of a configuration: scheme, host, perhaps a port and a path; no user, query or fragment.
struct WebAddress {
  let host: String
  /// Without a slash at its end; empty for none.
  let path: String

  init?(_ text: String) {
    guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
      scheme == "http" || scheme == "https", let host = parts.host, !host.isEmpty, parts.user == nil,
      parts.password == nil, parts.query == nil, parts.fragment == nil
    else { return nil }
    self.host = host
    path = parts.percentEncodedPath == "/" ? "" : parts.percentEncodedPath
  }
}
