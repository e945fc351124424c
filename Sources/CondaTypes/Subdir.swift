/// A platform's folder in a channel, e.g. `linux-64` or `noarch` (CEP 26).
///
/// Shape: `noarch`, or two non-empty runs of lower-case ASCII letters and digits joined by one `-`; at most
/// 32 characters. The list of platforms is open: any name of this shape is a subdir.
public struct Subdir: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The subdir as written.
  public let value: String

  /// The subdir of packages that run on every platform.
  public static let noarch = Subdir(unchecked: "noarch")

  /// Reads a subdir.
  ///
  /// - Throws: `ParseError` if it has another shape, e.g. `../x`, `Linux-64` or `linux`.
  public init(parsing text: String) throws(ParseError) {
    let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    let isPlatform =
      parts.count == 2 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(ASCII.isLowerOrDigit) }
    guard text.utf8.count <= 32, isPlatform || text.utf8.elementsEqual("noarch".utf8) else {
      throw ParseError(
        subject: "subdir", found: text,
        expected: "'noarch' or a platform like 'linux-64' (lower-case letters and digits, at most 32)")
    }
    value = text
  }

  private init(unchecked value: String) { self.value = value }

  /// The subdir.
  public var description: String { value }

  /// Order of the UTF-8 bytes.
  public static func < (left: Subdir, right: Subdir) -> Bool {
    left.value.precedesByBytes(right.value)
  }
}
