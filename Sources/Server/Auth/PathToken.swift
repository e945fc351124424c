/// The `/t/<key>/` that conda, mamba and rattler put into a path to carry a key.
///
/// At the start of the path the key may be anything; `/t/<key>` with nothing after it is not special. Further back, as in
/// `/get/t/<key>/channel0/…`, which is what conda makes of `https://host/t/<key>/get/channel0`, it must look like a key, so
/// that nothing of a channel or package named `t` is taken for one.
///
/// Every request passes here before anything is known about it: the path is looked through once, byte by byte.
enum PathToken {
  /// The shortest text that counts as a key behind a mount path; no subdir or route word is as long.
  private static let shortestKey = 20
  private static let slash = UInt8(ascii: "/")

  /// The key and the path without it, or `nil` if the path carries none.
  static func split(_ target: String) -> (token: String, rest: String)? {
    var target = target
    return target.withUTF8 { bytes in
      guard let key = find(in: bytes) else { return nil }
      let rest =
        String(decoding: bytes[..<(key.lowerBound - 3)], as: UTF8.self)
        + String(decoding: bytes[key.upperBound...], as: UTF8.self)
      return (PercentEncoding.decode(String(decoding: bytes[key], as: UTF8.self)) ?? "", rest)
    }
  }

  /// Where the first key stands, between `/t/` and the slash after it.
  private static func find(in bytes: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
    var index = 0
    while index + 3 < bytes.count, bytes[index] != UInt8(ascii: "?") {
      defer { index += 1 }
      guard bytes[index] == slash, bytes[index + 1] == UInt8(ascii: "t"), bytes[index + 2] == slash else {
        continue
      }
      let isFirst = index == 0
      let start = index + 3
      var end = start
      while end < bytes.count,
        isFirst ? bytes[end] != slash && bytes[end] != UInt8(ascii: "?") : isKeyByte(bytes[end])
      {
        end += 1
      }
      let isLongEnough = end - start >= (isFirst ? 1 : shortestKey)
      if isLongEnough, end < bytes.count, bytes[end] == slash { return start..<end }
      if isFirst { return nil }
    }
    return nil
  }

  /// Whether keys, ours and upstream's, have such bytes.
  static func isKeyByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
