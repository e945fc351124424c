import CondaTypes
import HTTPTypes
import Server
import TestSupport
import Testing

/// What happens on the connection itself: clients that hang up, and `Expect: 100-continue`.
@Suite struct UploadWireTests {
  /// How a client vanishes.
  static let hangUps: [(route: String, isChunked: Bool, isAbrupt: Bool)] = ["upload", "files"].flatMap {
    route in
    [(route, false, false), (route, false, true), (route, true, false), (route, true, true)]
  }

  @Test(arguments: hangUps)
  func anUploadWhoseClientHangsUpLeavesNothing(route: String, isChunked: Bool, isAbrupt: Bool) async throws {
    var package = PackageBuilder(name: "cut")
    package.randomPayloadSize = 900_000
    let (bytes, fileName) = try (package.bytes(), package.fileName)
    let body = route == "files" ? UploadFormBody().file(fileName, bytes).finished : bytes
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let before = try await app.evidence("lab")
      // Cut near the start, in the middle, and right before the end.
      for sent in [400, body.count / 2, body.count - 1] + (isChunked ? [body.count] : []) {
        let connection = try await UploadConnection(to: app.baseURL)
        let path = route == "files" ? "files/" : "upload/\(fileName)?sha256="
        let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(body.count)"
        try await connection.send(try Self.head(app, "/api/channels/lab/\(path)", framing))
        if isChunked { try await connection.send("\(String(body.count, radix: 16))\r\n") }
        try await connection.send(Array(body[..<sent]))
        // What is less than the first batch has no file yet.
        if sent > 256 << 10 {
          try await UploadPolling.until { try await app.footprint().spoolFiles.count == 1 }
        }
        try await connection.hangUp(abruptly: isAbrupt)
        try await UploadPolling.until { try await app.footprint().spoolFiles.isEmpty }
        #expect(try await app.evidence("lab") == before, "\(sent) of \(body.count) bytes")
      }
      #expect(try await app.upload(bytes, named: fileName, to: "lab").status == 201)
    }
  }

  /// Requests that are refused by their head; none of them may be asked for its body.
  static let refused: [(path: String, user: String?, length: Int, status: Int)] = [
    ("/api/channels/nope/upload/demo-1.0-0.conda?sha256=", "owner", 10, 404),
    ("/api/channels/lab/upload/demo-1.0-0.conda", "owner", 10, 422),
    ("/api/channels/lab/upload/demo-1.0-0.conda?sha256=", nil, 10, 401),
    ("/api/channels/lab/upload/demo-1.0-0.conda?sha256=", "nobody", 10, 403),
    ("/api/channels/lab/upload/demo.conda?sha256=", "owner", 10, 400),
    ("/api/channels/lab/upload/demo-1.0-0.conda?sha256=", "owner", 2_000_000, 413),
    ("/api/channels/nope/files/", "owner", 10, 404), ("/api/channels/lab/files/", nil, 10, 401),
    ("/api/channels/lab/files/", "nobody", 10, 403),
  ]

  @Test(arguments: refused)
  func aRefusedClientIsNotAskedForItsBody(path: String, user: String?, length: Int, status: Int) async throws
  {
    try await TestApp.with(toml: "[uploads]\nmax_size = 1000000") { app in
      try await app.createBusyChannel()
      let connection = try await UploadConnection(to: app.baseURL)
      try await connection.send(
        Self.head(app, path, "Content-Length: \(length)\r\nExpect: 100-continue", as: user))
      let head = try await connection.receiveHead()
      #expect(head.hasPrefix("HTTP/1.1 \(status) "), "\(head)")
      try await UploadPolling.until { try await app.footprint().spoolFiles.isEmpty }
    }
  }

  @Test(arguments: [true, false])
  func anAcceptedClientIsAskedForItsBodyOnce(isForm: Bool) async throws {
    let package = PackageBuilder()
    let bytes = try package.bytes()
    let body = isForm ? UploadFormBody().file(package.fileName, bytes).finished : bytes
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let connection = try await UploadConnection(to: app.baseURL)
      let path = "/api/channels/lab/\(isForm ? "files/" : "upload/\(package.fileName)?sha256=")"
      try await connection.send(Self.head(app, path, "Content-Length: \(body.count)\r\nExpect: 100-continue"))
      let interim = try await connection.receiveHead()
      #expect(interim.hasPrefix("HTTP/1.1 100 Continue\r\n"))
      #expect(interim.hasSuffix("\r\n\r\n"), "nothing follows before the body was sent")
      try await connection.send(body)
      let answer = try await connection.receive { $0.hasSuffix("null") }
      #expect(answer.hasPrefix("HTTP/1.1 201 Created\r\n"))
      #expect(try await app.repodataFileNames("lab", "noarch").contains(package.fileName))
    }
  }

  @Test func aRefusedBodyDoesNotDisturbTheNextRequestOnTheConnection() async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let connection = try await UploadConnection(to: app.baseURL)
      let body = PackageBuilder.randomBytes(count: 3_000_000, seed: 1)
      try await connection.send(
        Self.head(
          app, "/api/channels/lab/upload/demo-1.0-0.conda?sha256=", "Content-Length: \(body.count)", as: nil))
      try await connection.send(body)
      try await connection.send("GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n")
      let answers = try await connection.receive { $0.contains(#""status":"ok""#) }
      #expect(answers.hasPrefix("HTTP/1.1 401 "))
      #expect(answers.contains("HTTP/1.1 200 OK"))
    }
  }

  private static func head(
    _ app: TestApp, _ path: String, _ fields: String, as user: String? = "owner"
  ) throws -> String {
    let key = try user.map { "X-API-Key: \(try #require(app.keys[$0]))\r\n" } ?? ""
    let type =
      path.contains("/files/")
      ? "Content-Type: multipart/form-data; boundary=\(UploadFormBody.boundary)\r\n" : ""
    return "POST \(path) HTTP/1.1\r\nHost: test\r\n\(key)\(type)\(fields)\r\n\r\n"
  }
}
