/// Percent-encoding as S3's signature wants it: byte by byte of the UTF-8, upper-case digits, nothing
/// normalised.
///
/// Unreserved are `A–Z a–z 0–9 - . _ ~` (RFC 3986 §2.3); every other byte becomes `%XX`, a space `%20`, never
/// `+`. Source: docs.aws.amazon.com, "Signature Version 4: create a canonical request", function `UriEncode`.
public enum URIEncoding {
  /// A query name or value: `/` is encoded too.
  public static func encode(component: String) -> String {
    encode(component.utf8, keepingSlashes: false)
  }

  /// A path such as an object key: `/` stays; `//`, `/./` and `/../` stay as they are.
  public static func encode(path: String) -> String {
    encode(path.utf8, keepingSlashes: true)
  }

  private static func encode(_ bytes: String.UTF8View, keepingSlashes: Bool) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    for byte in bytes {
      if isUnreserved(byte) || (keepingSlashes && byte == UInt8(ascii: "/")) {
        text.append(byte)
      } else {
        text.append(UInt8(ascii: "%"))
        text.append(upperCaseDigits[Int(byte >> 4)])
        text.append(upperCaseDigits[Int(byte & 0x0F)])
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"):
      true
    default: false
    }
  }

  /// `0123456789ABCDEF` as ASCII.
  private static let upperCaseDigits = Array("0123456789ABCDEF".utf8)
}
