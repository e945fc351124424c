import APITypes
import Client
import CurlHTTP
import Foundation
import Testing

struct RegistryClientTests {
  let transport = CurlTransport()

  func client(_ registry: FakeRegistry, key: String? = FakeRegistry.key, retries: Int = 0) throws
    -> RegistryClient
  {
    try RegistryClient(
      serverURL: registry.url, apiKey: key, transport: transport,
      retry: RetryPolicy(retries: retries) { _, _ in })
  }

  func refusal(of call: () async throws -> Void) async throws -> Refusal {
    let error = await #expect(throws: RegistryError.self) { try await call() }
    guard case .refused(let refusal) = try #require(error) else { throw try #require(error) }
    return refusal
  }

  @Test func uploadsWithDigestKeyAndForce() async throws {
    let registry = try FakeRegistry()
    let files = try TemporaryFiles(["a_b-1.0-py+1.conda": Array("package".utf8)])
    try await client(registry).upload(file: files.paths[0], toChannel: "c 0", force: true)
    let request = try #require(registry.requests.first)
    #expect(
      request.line
        == "POST /api/channels/c%200/upload/a_b-1.0-py%2B1.conda?sha256=bc4a71180870f7945155fbb02f4b0a2e3faa2a62d6d31b7039013055ed19869a&force=true HTTP/1.1"
    )
    #expect(request.header("X-API-Key") == FakeRegistry.key)
    #expect(request.body == Array("package".utf8))
  }

  @Test func tellsProgressWhileItUploads() async throws {
    let registry = try FakeRegistry()
    let files = try TemporaryFiles(["p-1-0.conda": [UInt8](repeating: 5, count: 700_000)])
    let (steps, feed) = AsyncStream.makeStream(of: Int64.self)
    try await client(registry).upload(file: files.paths[0], toChannel: "c0", force: false) { feed.yield($0) }
    feed.finish()
    #expect(await steps.reduce(into: []) { $0.append($1) } == [262_144, 524_288, 700_000])
    #expect(registry.packages.values.map(\.count) == [700_000])
  }

  @Test func listsAllPages() async throws {
    let registry = try FakeRegistry()
    let channels = try await client(registry).channels()
    #expect(channels.map(\.name) == (0..<250).map { "c\($0)" })
    #expect(registry.requests.count == 4)
  }

  @Test func listsPackagesAndIgnoresFieldsItDoesNotKnow() async throws {
    let registry = try FakeRegistry()
    let packages = try await client(registry).packages(inChannel: "c1")
    #expect(packages.map(\.name) == ["p0", "p1", "p2"])
    #expect(packages[0].platforms == ["noarch"])
  }

  @Test func makesAndRemovesChannelsAndKeys() async throws {
    let key = #"{"description":"ci","time_created":"2026-11-22","expire_at":null,"roles":null,"key":"abc"}"#
    let registry = try FakeRegistry(interruptions: [
      FakeRegistry.json("201 Created", "null"), FakeRegistry.json("200 OK", "null"),
      FakeRegistry.json("201 Created", key),
      FakeRegistry.json("200 OK", "[\(key)]"), FakeRegistry.json("200 OK", "null"),
    ])
    let client = try client(registry)
    try await client.createChannel(named: "c9", isPrivate: true)
    try await client.deleteChannel(named: "c9")
    let made = try await client.createAPIKey(
      description: "ci", expiresOn: "2027-01-01", roles: [.init(channel: "c9", role: "member")])
    #expect(made.key == "abc")
    #expect(made.roles == nil)
    #expect(try await client.apiKeys() == [made])
    try await client.deleteAPIKey("a/b")
    let requests = registry.requests
    #expect(
      requests.map(\.line) == [
        "POST /api/channels HTTP/1.1", "DELETE /api/channels/c9 HTTP/1.1", "POST /api/api-keys HTTP/1.1",
        "GET /api/api-keys HTTP/1.1", "DELETE /api/api-keys/a%2Fb HTTP/1.1",
      ])
    #expect(requests[0].header("Content-Type") == "application/json")
    let channel = try JSONSerialization.jsonObject(with: Data(requests[0].body)) as? NSDictionary
    #expect(channel == ["name": "c9", "private": true] as NSDictionary)
    let newKey = try JSONSerialization.jsonObject(with: Data(requests[2].body)) as? NSDictionary
    #expect(newKey?["expire_at"] as? String == "2027-01-01")
    let roles = newKey?["roles"] as? [NSDictionary]
    #expect(roles == [["channel": "c9", "package": NSNull(), "role": "member"]])
  }

  // MARK: - Refusals

  @Test(arguments: [
    (#"{"detail":"No permission"}"#, Refusal.Detail.text("No permission"), "403 No permission"),
    (#"{"detail":["a","b"]}"#, .texts(["a", "b"]), "403 a; b"),
    (
      #"{"detail":[{"type":"missing","loc":["body","roles",0],"msg":"Field required","input":null}]}"#,
      .problems([.init(location: ["body", "roles", "0"], message: "Field required", type: "missing")]),
      "403 body.roles.0: Field required"
    ),
    ("Internal Server Error\nmore", .text("Internal Server Error"), "403 Internal Server Error"),
    ("<html>x</html>", .text("Forbidden"), "403 Forbidden"),
    ("", .text("Forbidden"), "403 Forbidden"),
  ])
  func readsEveryFormOfDetail(body: String, detail: Refusal.Detail, description: String) async throws {
    let registry = try FakeRegistry(interruptions: [
      FakeRegistry.json("403 Forbidden", body, headers: "X-Error-Code: no_permission\r\nX-Request-ID: r1\r\n")
    ])
    let refusal = try await refusal { try await client(registry).deleteChannel(named: "c") }
    #expect(refusal.status == 403)
    #expect(refusal.detail == detail)
    #expect(refusal.code == "no_permission")
    #expect(refusal.requestID == "r1")
    #expect(refusal.description == description)
  }

  @Test func anAnswerOfTheWrongShapeIsAnError() async throws {
    let registry = try FakeRegistry(interruptions: [FakeRegistry.json("200 OK", #"{"result":[{}]}"#)])
    let error = await #expect(throws: RegistryError.self) { _ = try await client(registry).channels() }
    guard case .unexpectedAnswer = error else { Issue.record("\(String(describing: error))"); return }
  }

  @Test func aMissingFileIsToldByName() async throws {
    let registry = try FakeRegistry()
    let error = await #expect(throws: RegistryError.self) {
      try await client(registry).upload(file: "/nonexistent/p-1-0.conda", toChannel: "c")
    }
    #expect(error?.description == "/nonexistent/p-1-0.conda: No such file or directory")
    #expect(registry.requests.isEmpty)
  }

  @Test func theKeyDoesNotShow() throws {
    let client = try RegistryClient(serverURL: "http://h", apiKey: "verysecret", transport: transport)
    var dumped = ""
    dump(client, to: &dumped)
    #expect(!"\(client)".contains("verysecret"))
    #expect(!String(reflecting: client).contains("verysecret"))
    #expect(!dumped.contains("verysecret"))
  }

  // MARK: - Retrying

  @Test(arguments: [FakeRegistry.json("503 Busy", ""), FakeRegistry.json("500 Oops", ""), ""])
  func repeatsWhatMayPass(interruption: String) async throws {
    let registry = try FakeRegistry(interruptions: [interruption, interruption])
    let files = try TemporaryFiles(["p-1-0.conda": [UInt8](repeating: 5, count: 3_000_000)])
    try await client(registry, retries: 2).upload(file: files.paths[0], toChannel: "c0")
    #expect(registry.packages.values.map(\.count) == [3_000_000])
  }

  @Test func stopsAfterTheLastRetry() async throws {
    let registry = try FakeRegistry(
      interruptions: Array(repeating: FakeRegistry.json("503 Busy", ""), count: 3))
    let refusal = try await refusal { _ = try await client(registry, retries: 2).channels() }
    #expect(refusal.status == 503)
    #expect(registry.requests.count == 3)
  }

  @Test func doesNotRepeatWhatWillNotPass() async throws {
    let registry = try FakeRegistry(interruptions: [
      FakeRegistry.json("409 Conflict", #"{"detail":"exists"}"#)
    ])
    let refusal = try await refusal {
      try await client(registry, retries: 5).createChannel(named: "c", isPrivate: false)
    }
    #expect(refusal.status == 409)
    #expect(registry.requests.count == 1)
  }

  @Test func waitsAsLongAsTheServerAsks() async throws {
    let registry = try FakeRegistry(interruptions: [
      FakeRegistry.json("503 Busy", "", headers: "Retry-After: 7\r\n")
    ])
    let (waits, feed) = AsyncStream.makeStream(of: Duration?.self)
    let client = try RegistryClient(
      serverURL: registry.url, apiKey: FakeRegistry.key, transport: transport,
      retry: RetryPolicy(retries: 1) { _, asked in feed.yield(asked) })
    _ = try await client.packages(inChannel: "c1")
    feed.finish()
    #expect(await waits.reduce(into: []) { $0.append($1) } == [.seconds(7)])
  }
}
