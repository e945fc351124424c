/// The `/t/<key>/` that conda, mamba and rattler put into a path to carry a key.
///
/// At the start of the path the key may be anything; `/t/<key>` with nothing after it is not special. Further back, as in
/// `/get/t/<key>/channel0/…`, which is what conda makes of `https://host/t/<key>/get/channel0`, it must look like a key, so
/// that nothing of a channel or package named `t` is taken for one.
enum PathToken {
  /// The shortest text that counts as a key behind a mount path; no subdir or route word is as long.
  private static let shortestKey = 20

  /// The key and the path without it, or `nil` if the path carries none.
  static func split(_ target: String) -> (token: String, rest: String)? {
    if target.hasPrefix("/t/") { return split(target, at: target.startIndex, shortest: 1) }
    var start = target.startIndex
    while let marker = target[start...].firstRange(of: "/t/") {
      if target[..<marker.lowerBound].contains("?") { return nil }
      if let found = split(target, at: marker.lowerBound, shortest: shortestKey) { return found }
      start = target.index(after: marker.lowerBound)
    }
    return nil
  }

  private static func split(
    _ target: String, at marker: String.Index, shortest: Int
  ) -> (token: String, rest: String)? {
    let afterMarker = target[marker...].dropFirst("/t/".count)
    guard let slash = afterMarker.firstIndex(of: "/"), slash > afterMarker.startIndex else { return nil }
    let token = afterMarker[..<slash]
    guard !token.contains("?") else { return nil }
    if shortest > 1 {
      guard token.utf8.count >= shortest, token.utf8.allSatisfy(isKeyCharacter) else { return nil }
    }
    return (PercentEncoding.decode(token) ?? "", String(target[..<marker] + afterMarker[slash...]))
  }

  private static func isKeyCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
