import CurlHTTP
import HTTPTypes
import S3Signer

extension S3Client {
  /// An object that is arriving.
  struct OpenObject: Sendable {
    let head: ObjectHead
    /// Which of the object's bytes ``body`` has.
    let range: Range<Int64>
    let body: HTTPResponseBody
  }

  /// Opens an object, or a part of it.
  ///
  /// - Parameter range: Not empty. A server may send more than that: some have no ranges, and
  ///   ``OpenObject/range`` tells.
  func getObject(_ objectKey: String, range: Range<Int64>?) async throws(S3Failure) -> OpenObject {
    var request = S3Request(.get, objectKey)
    request.carriesObject = true
    if let range {
      // Servers differ in what they make of an end past 2^53, so such a range is left open.
      let end = range.upperBound > 1 << 52 ? "" : String(range.upperBound - 1)
      request.headers.append(NamedValue("Range", "bytes=\(range.lowerBound)-\(end)"))
    }
    let response = try await send(request)
    let fields = response.headerFields
    if let found = fields[.contentRange].flatMap(Self.parse(contentRange:)) {
      return OpenObject(head: ObjectHead(size: found.size, fields), range: found.range, body: response.body)
    }
    guard response.statusCode == 200, let size = fields[.contentLength].flatMap({ Int64($0) }), size >= 0
    else {
      throw .nonsense("the answer to GET says neither Content-Range nor how long the object is")
    }
    return OpenObject(head: ObjectHead(size: size, fields), range: 0..<size, body: response.body)
  }

  /// `bytes 5-9/100` as the range 5..<10 of 100 bytes; `nil` for anything else.
  static func parse(contentRange text: String) -> (range: Range<Int64>, size: Int64)? {
    guard text.hasPrefix("bytes ") else { return nil }
    let numbers = text.dropFirst(6).split(whereSeparator: { $0 == "-" || $0 == "/" }).map { Int64($0) }
    guard numbers.count == 3, let first = numbers[0], let last = numbers[1], let size = numbers[2],
      first >= 0, first <= last, last < size
    else { return nil }
    return (first..<last + 1, size)
  }
}
