/// A SHA-256 or MD5 of some bytes; conda's records name every artifact by both.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
  /// Which function made the digest.
  public enum Algorithm: String, CaseIterable, Hashable, Sendable {
    /// SHA-256, 32 bytes.
    case sha256
    /// MD5, 16 bytes.
    case md5

    /// How many bytes a digest has.
    public var byteCount: Int { self == .sha256 ? 32 : 16 }
  }

  /// Which function made it.
  public let algorithm: Algorithm
  /// The digest itself: 32 bytes (SHA-256) or 16 (MD5).
  public let bytes: [UInt8]

  /// Wraps digest bytes.
  ///
  /// - Throws: `ParseError` if their number is not the algorithm's.
  public init(algorithm: Algorithm, bytes: [UInt8]) throws(ParseError) {
    guard bytes.count == algorithm.byteCount else {
      throw ParseError(
        subject: algorithm.rawValue, found: "\(bytes.count) bytes", expected: "\(algorithm.byteCount) bytes")
    }
    self.algorithm = algorithm
    self.bytes = bytes
  }

  /// Reads a SHA-256 from 64 hexadecimal digits of either case.
  public init(sha256Hex hex: String) throws(ParseError) { try self.init(.sha256, hex: hex) }

  /// Reads an MD5 from 32 hexadecimal digits of either case.
  public init(md5Hex hex: String) throws(ParseError) { try self.init(.md5, hex: hex) }

  /// Reads a digest from hexadecimal digits of either case.
  public init(_ algorithm: Algorithm, hex: String) throws(ParseError) {
    let digits = Array(hex.utf8)
    let nibbles = digits.compactMap(Self.nibble)
    guard digits.count == 2 * algorithm.byteCount, nibbles.count == digits.count else {
      throw ParseError(
        subject: algorithm.rawValue, found: hex, expected: "\(2 * algorithm.byteCount) hexadecimal digits")
    }
    self.algorithm = algorithm
    bytes = stride(from: 0, to: nibbles.count, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
  }

  /// The digest as lower-case hexadecimal digits.
  public var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The digest in hexadecimal.
  public var description: String { hex }

  private static func nibble(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
