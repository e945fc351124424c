/// The character classes of conda's names, on bytes: a look-alike from outside ASCII can belong to none of
/// them.
enum ASCII {
  static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
  static func isLower(_ byte: UInt8) -> Bool { byte &- 0x61 < 26 }
  static func isUpper(_ byte: UInt8) -> Bool { byte &- 0x41 < 26 }
  static func isLowerOrDigit(_ byte: UInt8) -> Bool { isLower(byte) || isDigit(byte) }
  static func isAlphanumeric(_ byte: UInt8) -> Bool { isLower(byte) || isDigit(byte) || isUpper(byte) }

  /// The separators a package name may have between its runs of letters and digits: `.`, `-` and `_`.
  static func isNameSeparator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }

  /// `A`…`Z` as lower case, any other byte unchanged.
  static func lowercased(_ byte: UInt8) -> UInt8 { isUpper(byte) ? byte | 0x20 : byte }

  /// The text with `A`…`Z` as lower case and everything else untouched (`String.lowercased()` folds all of
  /// Unicode).
  static func lowercased(_ text: String) -> String {
    text.utf8.contains(where: isUpper) ? String(decoding: text.utf8.map(lowercased), as: UTF8.self) : text
  }
}
