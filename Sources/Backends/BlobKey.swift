import Foundation

/// Where a blob lies in a store, e.g. `sha256/9f/9f86d081884c…`.
///
/// 1–1,024 bytes of UTF-8, `/`-separated, without empty, `.` or `..` segments and without control characters
/// (U+0000–U+001F, U+007F–U+009F). Checked once, here; whoever holds a key may use it.
///
/// Two keys are the same if their bytes are: unlike `String`, `é` written as one scalar and as two are
/// different keys. Keys order by their UTF-8 bytes, as S3 lists them. Keys are independent: `a` and `a/b` can
/// both exist.
public struct BlobKey: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The longest key, in bytes; S3's limit.
  public static let maximumLength = 1024

  /// The key as text.
  public let value: String

  /// Checks `value` and keeps it as it is.
  ///
  /// - Throws: `.invalidKey` with a message that says which rule is broken.
  public init(_ value: String) throws(BlobStoreError) {
    if let problem = Self.problem(with: value) {
      throw BlobStoreError(.invalidKey, message: "blob key \(String(reflecting: value)): \(problem)")
    }
    self.value = value
  }

  /// The first rule that `value` breaks, in words; `nil` if it is a key.
  private static func problem(with value: String) -> String? {
    let length = value.utf8.count
    if length == 0 { return "must not be empty" }
    if length > maximumLength { return "is \(length) bytes long, at most \(maximumLength) are allowed" }
    for scalar in value.unicodeScalars where scalar.properties.generalCategory == .control {
      return "must not contain the control character U+\(String(scalar.value, radix: 16, uppercase: true))"
    }
    for segment in value.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      if segment.isEmpty { return "must not have an empty segment (leading, trailing or double '/')" }
      if segment.elementsEqual(".".utf8) || segment.elementsEqual("..".utf8) {
        return "must not have the segment '\(segment.count == 1 ? "." : "..")'"
      }
    }
    return nil
  }

  /// Whether the key's bytes begin with those of `prefix`; the test behind ``BlobStore/list(prefix:)``.
  public func hasPrefix(_ prefix: String) -> Bool {
    Self.withBytes(of: value, prefix) { key, prefix in
      key.count >= prefix.count && Self.order(key, prefix) == 0
    }
  }

  /// The key as text.
  public var description: String { value }

  /// Whether both are the same bytes (not merely canonically equivalent text).
  public static func == (left: BlobKey, right: BlobKey) -> Bool {
    withBytes(of: left.value, right.value) { $0.count == $1.count && order($0, $1) == 0 }
  }

  /// Whether `left` comes before `right` in the order of UTF-8 bytes.
  public static func < (left: BlobKey, right: BlobKey) -> Bool {
    withBytes(of: left.value, right.value) { left, right in
      let order = order(left, right)
      return order < 0 || (order == 0 && left.count < right.count)
    }
  }

  /// Feeds the key's bytes, so that hashing agrees with `==`.
  public func hash(into hasher: inout Hasher) {
    Self.withBytes(of: value) { hasher.combine(bytes: $0) }
  }

  /// How the bytes that both have compare: below, at or above 0.
  private static func order(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int32 {
    guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else { return 0 }
    return memcmp(leftStart, rightStart, min(left.count, right.count))
  }

  /// The bytes of a text where they lie: sorting long listings lives on comparing them all at once.
  private static func withBytes<Result>(
    of text: String, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    let inPlace = text.utf8.withContiguousStorageIfAvailable { body(UnsafeRawBufferPointer($0)) }
    return inPlace ?? Array(text.utf8).withUnsafeBytes(body)
  }

  private static func withBytes<Result>(
    of left: String, _ right: String, _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Result
  ) -> Result {
    withBytes(of: left) { left in withBytes(of: right) { right in body(left, right) } }
  }
}
