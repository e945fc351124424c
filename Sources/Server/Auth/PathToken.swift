/// The `/t/<key>/` that conda, mamba and rattler put in front of a path to carry a key.
///
/// It stands at the start of the path on every route; `/t/<key>` with nothing after it is not special.
enum PathToken {
  /// The key and the path without it, or `nil` if the path carries none.
  static func split(_ target: String) -> (token: String, rest: String)? {
    guard target.hasPrefix("/t/") else { return nil }
    let afterMarker = target.dropFirst("/t/".count)
    guard let slash = afterMarker.firstIndex(of: "/"), slash > afterMarker.startIndex else { return nil }
    let token = afterMarker[..<slash]
    guard !token.contains("?") else { return nil }
    return (PercentEncoding.decode(token) ?? "", String(afterMarker[slash...]))
  }
}
