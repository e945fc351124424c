import CondaTypes
import Foundation
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

/// What is answered from memory on the event loop is what the router would have said, and ends with every change.
@Suite struct DownloadFastPathTests {
  private static func answered(_ app: TestApp) async throws -> Int {
    try await #require(app.server.services.fastPath).answeredCount()
  }

  /// Sends requests over one connection, all at once; the last one ends it.
  private static func exchange(_ app: TestApp, _ requests: [String]) async throws -> [RawConnection.RawAnswer]
  {
    var text = ""
    for (index, request) in requests.enumerated() {
      let last = index == requests.count - 1 ? "Connection: close\r\n" : ""
      let lines = request.split(separator: "\n", omittingEmptySubsequences: true)
      text +=
        "\(lines[0]) HTTP/1.1\r\nHost: x\r\n\(lines.dropFirst().map { $0 + "\r\n" }.joined())\(last)\r\n"
    }
    let bytes = try await RawConnection.exchange(app.baseURL, sending: text)
    return try RawConnection.answers(in: bytes) { !requests[$0].hasPrefix("HEAD") }
  }

  /// `exchange` while nothing changes, and how many of its requests were answered from memory: the documents of a channel
  /// may still be made when its uploads have been answered, the times at which keys were used are written from time to
  /// time, and each change ends the answers before it.
  private static func steadyExchange(
    _ app: TestApp, _ requests: [String]
  ) async throws -> (answers: [RawConnection.RawAnswer], answered: Int) {
    let changes = app.server.services.downloads.cache.changes
    while true {
      let (stamp, access, before) = (changes.now, app.metadata.accessCount, try await answered(app))
      let answers = try await exchange(app, requests)
      if changes.now == stamp, app.metadata.accessCount == access {
        return (answers, try await answered(app) - before)
      }
    }
  }

  private static func lasting(_ headers: [String: String]) -> [String: String] {
    headers.filter { !["date", "x-request-id", "connection"].contains($0.key) }
  }

  @Test func givesWhatTheRouterGave() async throws {
    try await DownloadHeadersTests.withChannel { app in
      var paths = Array(try await DownloadHeadersTests.paths(app).keys)
      paths += ["noarch/missing-1-0.conda", "nothing/here", "noarch/repodata.json.gz"]
      for path in paths {
        let etag = try await app.send(.get, "/get/lab/\(path)").headers[.eTag] ?? "\"none\""
        for request in [
          "GET /get/lab/\(path)", "HEAD /get/lab/\(path)", "GET /get/lab/\(path)\nIf-None-Match: \(etag)",
          "GET /get/lab/\(path)\nIf-None-Match: \"other\"",
          "HEAD /get/lab/\(path)\nIf-None-Match: W/\(etag)\nIf-Modified-Since: Sun, 22 Nov 2026 07:33:12 GMT",
        ] {
          let (answers, answered) = try await Self.steadyExchange(
            app, ["GET /get/lab/\(path)", request + "\nRange: x", request, request])
          #expect(answered >= 2, "\(request)")
          for answer in answers.dropFirst(2) {
            #expect(answer.status == answers[1].status, "\(request)")
            #expect(Self.lasting(answer.headers) == Self.lasting(answers[1].headers), "\(request)")
            #expect(answer.body == answers[1].body, "\(request)")
            #expect(answer.headers["x-request-id"]?.isEmpty == false)
            #expect(answer.headers["date"]?.hasSuffix("GMT") == true)
          }
        }
      }
    }
  }

  /// With `[cors]` what a page asks for goes to the router, and all other requests are answered as without it.
  @Test func leavesPagesOfOtherServersToTheRouter() async throws {
    let page = "https://ui.example.org"
    try await TestApp.with(toml: "[cors]\nallow_origins = [\"\(page)\"]") { app in
      try await app.createChannel("lab")
      try await app.settle("lab")
      for path in ["noarch/repodata.json", "noarch/missing-1-0.conda"] {
        let request = "GET /get/lab/\(path)"
        let (answers, answered) = try await Self.steadyExchange(
          app, [request, request + "\nRange: x", request, request + "\nOrigin: \(page)"])
        #expect(answered >= 1)
        #expect(answers[2].status == answers[1].status && answers[2].body == answers[1].body)
        #expect(Self.lasting(answers[2].headers) == Self.lasting(answers[1].headers))
        #expect(answers[2].headers["vary"] == "Origin")
        #expect(answers[3].headers["access-control-allow-origin"] == page)
      }
    }
  }

  @Test func keepsTheOrderOfPipelinedRequests() async throws {
    try await DownloadHeadersTests.withChannel { app in
      let file = "GET /get/lab/noarch/demo-1.0-0.conda"
      let requests = [
        file, file, "GET /api/channels/lab", file, "GET /get/lab/noarch/none-1-0.conda", "GET /health/ready",
        file,
        file + "\nRange: bytes=0-3", file,
      ]
      let answers = try await Self.exchange(app, requests)
      #expect(answers.map(\.status) == [200, 200, 200, 200, 404, 200, 200, 206, 200])
      #expect(answers[7].body == Array(answers[0].body.prefix(4)))
      #expect(answers[8].body == answers[0].body)
    }
  }

  @Test func sendsLargeFilesWholeAndInOrder() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      var builder = PackageBuilder(name: "big", version: "1.0", build: "0", format: .conda)
      builder.randomPayloadSize = 3 << 20
      let bytes = try builder.bytes()
      #expect(try await app.upload(bytes, named: builder.fileName, to: "lab").status == 201)
      let file = "GET /get/lab/noarch/big-1.0-0.conda"
      let before = try await Self.answered(app)
      let answers = try await Self.exchange(
        app, [file, file, "GET /api/channels/lab", file, "HEAD" + file.dropFirst(3), file])
      #expect(answers.map(\.status) == [200, 200, 200, 200, 200, 200])
      for index in [0, 1, 3, 5] { #expect(answers[index].body == bytes, "answer \(index)") }
      #expect(try await Self.answered(app) == before + 4)
    }
  }

  @Test func endsWithUploadsReplacementsAndDeletions() async throws {
    try await DownloadHeadersTests.withChannel { app in
      let (missing, index) = ("/get/lab/noarch/late-1-0.conda", "/get/lab/noarch/repodata_shards.msgpack.zst")
      _ = try await Self.exchange(app, Array(repeating: "GET " + missing, count: 6))
      let old = try await app.send(.get, index)
      for round in 0..<6 {
        var late = PackageBuilder(name: "late", version: "1", build: "0", format: .conda)
        late.buildNumber = Int64(round)
        let status = try await app.upload(late, to: "lab", force: true).status
        #expect(status == 201)
        let bytes = try late.bytes()
        let answers = try await Self.exchange(app, ["GET " + missing, "GET " + missing, "GET " + index])
        #expect(answers[0].body == bytes && answers[1].body == bytes, "round \(round)")
        #expect(answers[2].headers["etag"] != old.headers[.eTag])
      }
      let path = "/api/channels/lab/packages/late/versions/noarch/late-1-0.conda"
      #expect(try await app.send(.delete, path, as: "owner").status == 200)
      let gone = try await Self.exchange(app, Array(repeating: "GET " + missing, count: 3))
      #expect(gone.map(\.status) == [404, 404, 404])
    }
  }

  @Test func countsEveryDownload() async throws {
    try await DownloadHeadersTests.withChannel { app in
      let file = "GET /get/lab/noarch/demo-1.0-0.conda"
      _ = try await Self.exchange(
        app, [file, file, "HEAD" + file.dropFirst(3), file + "\nIf-None-Match: *", file])
      await app.server.services.downloadCounter.flush()
      let versions = try await app.json("/api/channels/lab/packages/demo/versions")
      let counts = versions.asArray?.filter { $0["filename"]?.asString == "demo-1.0-0.conda" }
        .map { $0["download_count"]?.asInteger }
      #expect(counts == [3])
    }
  }

  @Test func letsNobodyIntoAPrivateChannelWhoseRightEnded() async throws {
    try await DownloadHeadersTests.withChannel(isPrivate: true) { app in
      let file = "/get/lab/noarch/demo-1.0-0.conda"
      try await app.setRole(.member, of: "nobody", in: "lab")
      let key = try await app.createKey(as: "nobody")
      let get = "GET \(file)\nX-API-Key: "
      let stranger = try #require(app.keys["member"])
      // Whoever uploaded over a connection is the parser's on it: these go over new ones.
      let requests = [get + key, get + key, "GET /t/\(key)\(file)", "GET \(file)", get + stranger, get + key]
      // The first one is from memory, too, where the exchange had to be repeated.
      let (first, answered) = try await Self.steadyExchange(app, requests)
      #expect(first.map(\.status) == [200, 200, 200, 401, 403, 200])
      #expect(answered == 3 || answered == 4)
      #expect(try await app.send(.delete, "/api/api-keys/\(key)", as: "nobody").status == 200)
      #expect(try await Self.exchange(app, requests).map(\.status) == [401, 401, 401, 401, 403, 401])
      let own = get + (try #require(app.keys["nobody"]))
      #expect(try await Self.exchange(app, [own, own, own]).map(\.status) == [200, 200, 200])
      let row = try #require(try await app.metadata.channel(named: "lab"))
      let user = try #require(app.userIDs["nobody"])
      try await app.metadata.removeChannelMember(channelID: row.id, userID: user)
      #expect(try await Self.exchange(app, [own, own, own]).map(\.status) == [403, 403, 403])
    }
  }

  @Test func closesAChannelThatIsMadePrivate() async throws {
    try await DownloadHeadersTests.withChannel { app in
      let file = "/get/lab/noarch/demo-1.0-0.conda"
      let requests = Array(repeating: "GET " + file, count: 4)
      #expect(try await Self.exchange(app, requests).map(\.status) == [200, 200, 200, 200])
      let changed = try await app.send(.patch, "/api/channels/lab", as: "owner", json: ["private": true])
      #expect(changed.status == 200)
      #expect(try await Self.exchange(app, requests).map(\.status) == [401, 401, 401, 401])
    }
  }

  @Test func endsAKeyOnItsDay() async throws {
    let clock = TestClock(1_790_000_000)
    try await TestApp.with(now: { clock.date }) { app in
      try await app.createChannel("lab", isPrivate: true)
      let key = try await app.createKey(
        as: "owner", expires: Timestamp.day(clock.date.addingTimeInterval(86_400)))
      let index = "/get/lab/noarch/repodata_shards.msgpack.zst"
      let requests = Array(repeating: "GET \(index)\nX-API-Key: \(key)", count: 3)
      let (first, answered) = try await Self.steadyExchange(app, requests)
      #expect(first.map(\.status) == [200, 200, 200])
      #expect(answered == 2 || answered == 3)
      clock.advance(3 * 86_400)
      #expect(try await Self.exchange(app, requests).map(\.status) == [401, 401, 401])
    }
  }
}
