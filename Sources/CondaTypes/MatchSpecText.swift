/// The character classes of specs, on bytes.
enum MatchSpecText {
  /// What Python's `str.strip` takes away, within ASCII.
  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  /// What may stand in a version literal of a spec, with globs; `-` counts as `_`.
  static func isVersionByte(_ byte: UInt8) -> Bool {
    ASCII.isAlphanumeric(byte) || "._-+!*".utf8.contains(byte)
  }

  /// Where the name ends and the version begins.
  static func endsName(_ byte: UInt8) -> Bool { isSpace(byte) || "=<>!~".utf8.contains(byte) }

  static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes.drop(while: isSpace)
    while let last = bytes.last, isSpace(last) { bytes.removeLast() }
    return bytes
  }

  static func string(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
