/// The head of a GET or HEAD request without a body, found in the bytes of a connection; offsets count from its first byte.
///
/// ```
/// GET /get/channel0/noarch/repodata.json.zst HTTP/1.1\r\n
///     └──────────────── target ────────────┘
/// Host: …\r\n
/// If-None-Match: "9f86d0…"\r\n
///                └ etags ┘
/// \r\n
///     └ length
/// ```
package struct ScannedRequest: Hashable, Sendable {
  package var isHead = false
  /// The request target as it came: path and query, percent-encoded.
  package var target = 0..<0
  /// Bytes up to and with the empty line.
  package var length = 0
  /// The value of `If-None-Match`.
  package var etags: Range<Int>?
  /// The value of `X-API-Key`.
  package var apiKey: Range<Int>?
  /// The value of `Authorization`.
  package var authorization: Range<Int>?
  /// Whether it says `Connection: close`.
  package var closes = false
  /// Whether it asks for something that only the router answers, such as a range; its end is known all the same.
  package var needsRouter = false
  /// Whether it has `If-Modified-Since`, which counts for nothing beside `If-None-Match` (RFC 9110 §13.2.2).
  package var hasDate = false
  /// Whether it has `Origin`: a page in a browser asks.
  package var hasOrigin = false
  var hasHost = false

  /// What the bytes at the start of a buffer are.
  package enum Outcome: Hashable, Sendable {
    /// A whole request.
    case request(ScannedRequest)
    /// The beginning of one; more bytes have to come.
    case incomplete
    /// Anything else: another method, a body, a malformed or unusual head. The HTTP parser decides what it means, and
    /// where it ends.
    case other
  }

  /// The longest head that is looked at.
  package static let longest = 16 << 10
}

extension ScannedRequest {
  /// Looks for a request at the start of `bytes` (RFC 9112 §2–5).
  ///
  /// Stricter than the parser behind it, so that both never disagree about where a request ends: a line that ends with
  /// a bare LF, a folded or malformed field, a control character, and whatever announces a body are `.other`.
  package static func scan(_ bytes: UnsafeRawBufferPointer) -> Outcome {
    var request = ScannedRequest()
    guard let method = methodLength(bytes) else {
      return bytes.count < 6 && isPrefix(bytes) ? .incomplete : .other
    }
    request.isHead = method == 5
    guard var line = nextLine(in: bytes, from: 0) else { return unfinished(bytes) }
    let version: StaticString = " HTTP/1.1"
    let end = line.upperBound - version.utf8CodeUnitCount
    guard end > method, equals(bytes, end..<line.upperBound, version),
      isVisible(bytes, method..<end)
    else { return .other }
    request.target = method..<end
    while true {
      let start = line.upperBound + 2
      guard let next = nextLine(in: bytes, from: start) else { return unfinished(bytes) }
      line = next
      if line.isEmpty {
        request.length = line.upperBound + 2
        return request.hasHost && request.length <= longest ? .request(request) : .other
      }
      guard let colon = nameEnd(bytes, line) else { return .other }
      guard let value = fieldValue(bytes, (colon + 1)..<line.upperBound) else { return .other }
      guard request.take(name: line.lowerBound..<colon, value: value, of: bytes) else { return .other }
    }
  }

  private static func unfinished(_ bytes: UnsafeRawBufferPointer) -> Outcome {
    bytes.count < longest ? .incomplete : .other
  }

  /// The length of `GET ` or `HEAD ` where a path follows.
  private static func methodLength(_ bytes: UnsafeRawBufferPointer) -> Int? {
    if bytes.count >= 5, equals(bytes, 0..<5, "GET /") { return 4 }
    if bytes.count >= 6, equals(bytes, 0..<6, "HEAD /") { return 5 }
    return nil
  }

  private static func isPrefix(_ bytes: UnsafeRawBufferPointer) -> Bool {
    ["GET /", "HEAD /"].contains { word in
      zip(bytes, word.utf8).allSatisfy { $0 == $1 } && bytes.count < word.utf8.count
    }
  }

  /// The next line without its CRLF; `nil` if it is not whole. A line that ends with a bare LF has it within, as a
  /// control character that is refused later.
  private static func nextLine(in bytes: UnsafeRawBufferPointer, from start: Int) -> Range<Int>? {
    var position = start
    while position + 1 < bytes.count {
      if bytes[position] == 0x0d, bytes[position + 1] == 0x0a { return start..<position }
      position += 1
    }
    return nil
  }

  private static func isVisible(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
    for index in range where bytes[index] <= 0x20 || bytes[index] >= 0x7f { return false }
    return true
  }

  /// Where the colon of a field is; `nil` if the name before it is empty or no token.
  private static func nameEnd(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) -> Int? {
    var index = line.lowerBound
    while index < line.upperBound, isTokenByte(bytes[index]) { index += 1 }
    guard index > line.lowerBound, index < line.upperBound, bytes[index] == UInt8(ascii: ":") else {
      return nil
    }
    return index
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    let lower = byte | 0x20
    return (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z") && byte >= 0x41)
      || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: "_")
  }

  /// A field's value without the blanks around it; `nil` if it has a control character.
  private static func fieldValue(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Range<Int>? {
    for index in range where bytes[index] < 0x20 && bytes[index] != 0x09 || bytes[index] == 0x7f {
      return nil
    }
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
    while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
    return start..<end
  }

  /// Takes one field into account; `false` if it means that this is not a request for here.
  private mutating func take(
    name: Range<Int>, value: Range<Int>, of bytes: UnsafeRawBufferPointer
  ) -> Bool {
    func named(_ text: StaticString) -> Bool { Self.equalsIgnoringCase(bytes, name, text) }
    switch name.count {
    case 4 where named("host"):
      if hasHost { return false }
      hasHost = true
    case 5 where named("range"), 8 where named("if-match") || named("if-range"),
      19 where named("if-unmodified-since"):
      needsRouter = true
    case 17 where named("if-modified-since"): hasDate = true
    case 6 where named("origin"): hasOrigin = true
    case 6 where named("expect"), 7 where named("upgrade"), 14 where named("content-length"),
      17 where named("transfer-encoding"):
      return false
    case 9 where named("x-api-key"): return Self.set(&apiKey, value)
    case 10 where named("connection"):
      if Self.equalsIgnoringCase(bytes, value, "close") {
        closes = true
      } else if !Self.equalsIgnoringCase(bytes, value, "keep-alive") {
        return false
      }
    case 13 where named("if-none-match"): return Self.set(&etags, value)
    case 13 where named("authorization"): return Self.set(&authorization, value)
    default: break
    }
    return true
  }

  private static func set(_ field: inout Range<Int>?, _ value: Range<Int>) -> Bool {
    if field != nil { return false }
    field = value
    return true
  }

  private static func equals(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ text: StaticString)
    -> Bool
  {
    range.count == text.utf8CodeUnitCount && range.lowerBound >= 0
      && zip(range, UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        .allSatisfy { bytes[$0] == $1 }
  }

  /// Compares with a text in lower case.
  private static func equalsIgnoringCase(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ text: StaticString
  ) -> Bool {
    guard range.count == text.utf8CodeUnitCount else { return false }
    for offset in 0..<range.count {
      let byte = bytes[range.lowerBound + offset]
      let lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
      if lower != text.utf8Start[offset] { return false }
    }
    return true
  }
}
