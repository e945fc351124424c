import HTTPTypes

/// Which methods a path has: what a 405 says in `Allow` (RFC 9110 §15.5.6).
///
/// Made from the declarations. Where a path fits several templates, the one with the most literal words counts, as in
/// OpenAPI.
struct AllowedMethods: Sendable {
  private struct Entry: Sendable {
    let segments: [String]
    var methods: [HTTPRequest.Method]

    /// Whether a path is one of these; `{path}` is any number of segments.
    func matches(_ path: [Substring]) -> Bool {
      let isOpen = segments.last == "{path}"
      guard isOpen ? path.count >= segments.count : path.count == segments.count else { return false }
      return zip(segments, path).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }

    var literalCount: Int { segments.count { !$0.hasPrefix("{") } }
  }

  private let entries: [Entry]

  init(_ routes: [RouteDeclaration]) {
    var entries: [String: Entry] = [:]
    for route in routes {
      let segments = route.template.split(separator: "/").map(String.init)
      entries[route.template, default: Entry(segments: segments, methods: [])].methods.append(route.method)
    }
    self.entries = entries.values.sorted { $0.literalCount > $1.literalCount }
  }

  /// The methods of a path in the order of their names; none for a path that is not there.
  ///
  /// - Parameter path: Without a query; a slash at the end makes no difference.
  func methods(of path: String) -> [HTTPRequest.Method] {
    let segments = path.split(separator: "/")
    let entry = entries.first { $0.matches(segments) }
    return (entry?.methods ?? []).sorted { $0.rawValue < $1.rawValue }
  }
}
