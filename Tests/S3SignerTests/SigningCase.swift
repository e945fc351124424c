import Foundation
import S3Signer
import Testing

/// A published signature: a request, and what each stage of signing it has to give.
struct SigningCase: Sendable, CustomTestStringConvertible {
  /// How the signature travels.
  enum Mode: Sendable {
    case header
    case query(expiresIn: Int)
  }

  let name: String
  let credentials: Credentials
  let scope: SigningScope
  let mode: Mode
  let request: SignableRequest
  /// Stage one, by S3's rule that paths are not normalised.
  let canonicalRequest: String
  /// Stage one as published. It differs where the suite is for services that normalise paths; stages two and three
  /// are of this one.
  let publishedCanonicalRequest: String
  let stringToSign: String
  let signature: String
  /// The `Authorization` field, or the URL from its path on; where the source has it.
  let outcome: String?

  var testDescription: String { name }

  /// Whether S3 signs what the source signed, so that our signature must be the published one.
  var isWhatS3Signs: Bool { canonicalRequest == publishedCanonicalRequest }
}

/// The folder of the vectors; its `NOTICE.md` says where each is from.
enum VectorFolder {
  static func url(_ path: String) -> URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Vectors/\(path)")
  }

  static func decode<Value: Decodable>(_ type: Value.Type, from path: String) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(contentsOf: url(path)))
  }
}

extension SigningDate {
  /// A moment as the vectors write it: `20150830T123600Z`, with or without `-` and `:`.
  init(_ text: String) throws {
    let digits = text.utf8.filter { (0x30...0x39).contains($0) }.map { Int($0 - 0x30) }
    try #require(digits.count == 14)
    func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
    let date = try #require(
      calendar.date(
        from: DateComponents(
          year: number(0..<4), month: number(4..<6), day: number(6..<8), hour: number(8..<10),
          minute: number(10..<12), second: number(12..<14))))
    self.init(secondsSince1970: Int64(date.timeIntervalSince1970))
  }
}

extension SignableRequest {
  /// A request from a suite that writes its targets decoded, e.g. `/example space/?Param=value`, or percent-encoded.
  init(method: String, target: String, headers: [[String]], body: String) throws {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let pairs = parts.count < 2 ? [] : parts[1].split(separator: "&")
    let query = try pairs.map { pair in
      let sides = try pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map { try #require(String($0).removingPercentEncoding) }
      return NamedValue(sides[0], sides.count > 1 ? sides[1] : "")
    }
    self.init(
      method: method, path: URIEncoding.encode(path: String(parts[0])), query: query,
      headers: headers.map { NamedValue($0[0], $0[1]) }, payload: .of(body.utf8))
  }
}
