import Server
import Testing

@Suite struct ScannedRequestTests {
  private static func scan(_ text: String) -> ScannedRequest.Outcome {
    Array(text.utf8).withUnsafeBytes { ScannedRequest.scan($0) }
  }

  private static func request(_ text: String) throws -> ScannedRequest {
    guard case .request(let request) = scan(text) else { throw Unexpected(text: text) }
    return request
  }

  struct Unexpected: Error { let text: String }

  private static func text(_ whole: String, _ range: Range<Int>?) -> String? {
    range.map { String(decoding: Array(whole.utf8)[$0], as: UTF8.self) }
  }

  @Test func findsTheTargetTheTagsTheKeysAndTheEnd() throws {
    let text =
      "GET /get/lab/noarch/a%2Bb-1-0.conda HTTP/1.1\r\nHost: x\r\nif-none-match:  \"abc\" \r\nX-API-Key: k\r\n"
      + "Authorization: Bearer z\r\nUser-Agent: conda/25 (x; y)\r\nConnection: Keep-Alive\r\n\r\n"
    let request = try Self.request(text + "GET /next")
    #expect(Self.text(text, request.target) == "/get/lab/noarch/a%2Bb-1-0.conda")
    #expect(Self.text(text, request.etags) == "\"abc\"")
    #expect(Self.text(text, request.apiKey) == "k")
    #expect(Self.text(text, request.authorization) == "Bearer z")
    #expect(request.length == text.utf8.count)
    #expect(!request.isHead && !request.closes && !request.needsRouter && !request.hasDate)
  }

  @Test func knowsHEADAndTheEndOfTheConnection() throws {
    let request = try Self.request("HEAD / HTTP/1.1\r\nHost: x\r\nCONNECTION: close\r\n\r\n")
    #expect(request.isHead && request.closes)
  }

  @Test(arguments: ["Range: bytes=0-1", "If-Match: *", "If-Range: x", "If-Unmodified-Since: x"])
  func leavesToTheRouterWhatItAloneAnswers(_ field: String) throws {
    #expect(try Self.request("GET / HTTP/1.1\r\nHost: x\r\n\(field)\r\n\r\n").needsRouter)
  }

  @Test func noticesADate() throws {
    #expect(try Self.request("GET / HTTP/1.1\r\nHost: x\r\nIf-Modified-Since: x\r\n\r\n").hasDate)
    #expect(try Self.request("GET / HTTP/1.1\r\nHost: x\r\noRigin: x\r\n\r\n").hasOrigin)
  }

  @Test func waitsForEveryByteOfAHead() {
    let whole = Array("HEAD /get/lab/x HTTP/1.1\r\nHost: x\r\nRange: bytes=0-\r\n\r\n".utf8)
    for length in 1..<whole.count {
      let outcome = whole[..<length].withUnsafeBytes { ScannedRequest.scan($0) }
      #expect(outcome == .incomplete, "\(length) bytes")
    }
  }

  @Test(arguments: [
    "POST /api HTTP/1.1\r\nHost: x\r\n\r\n", "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.0\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "GET / HTTP/1.1\nHost: x\n\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nNo colon\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nName : y\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nA: \u{1}\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nA: y\nContent-Length: 3\r\n\r\n", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nX-API-Key: a\r\nX-API-Key: b\r\n\r\n", "garbage",
    "GET /\u{0} HTTP/1.1\r\n\r\n",
    "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
  ])
  func leavesEverythingElseToTheParser(_ text: String) {
    #expect(Self.scan(text) == .other)
  }

  @Test func givesUpOnAHeadWithoutAnEnd() {
    #expect(Self.scan("GET /" + String(repeating: "a", count: 20_000)) == .other)
  }
}
