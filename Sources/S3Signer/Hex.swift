/// Hexadecimal text, two digits a byte.
public enum Hex {
  /// The bytes as lower-case hexadecimal, e.g. `[0x0A, 0xFF]` as `0aff`; what digests and signatures are
  /// written in.
  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      text.append(lowerCaseDigits[Int(byte >> 4)])
      text.append(lowerCaseDigits[Int(byte & 0x0F)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// `0123456789abcdef` as ASCII.
  private static let lowerCaseDigits = Array("0123456789abcdef".utf8)
}
