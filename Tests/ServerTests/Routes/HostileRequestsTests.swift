import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

/// Requests that want to cost much, to break something, or to learn what is private. None is a 500.
@Suite struct HostileRequestsTests {
  @Test(
    arguments: [
      ("/api/packages/search/?q=" + String(repeating: "a+", count: 3000), 422),
      ("/api/packages/search/?q=channel:" + String(repeating: "a,", count: 20_000), 422),
      ("/api/packages/search/?q=" + String(repeating: "a", count: 50_000), 422),
      ("/api/channels/search/?q=" + String(repeating: "x+", count: 100), 422),
      ("/api/packages/search/?q=" + String(repeating: "ab+", count: 50), 200),
      ("/api/channels?q=" + String(repeating: "a", count: 60_000), 422),
      ("/api/channels?q=" + String(repeating: "%25", count: 1000), 200),
      ("/api/paginated/channels?q=" + String(repeating: "a", count: 1001), 422),
      ("/api/channels/lab/packages?q=" + String(repeating: "a", count: 60_000), 422),
      ("/api/paginated/channels/lab/packages?order_by=" + String(repeating: "name,", count: 10_000), 200),
      ("/api/paginated/channels?skip=\(Int.max)&limit=\(Int.max)", 200),
      (
        "/api/channels/lab/packages/demo/versions?version_match_str="
          + String(repeating: "(", count: 20_000), 422
      ),
      ("/metrics/channels/lab?start=-1e300", 422), ("/metrics/channels/lab?end=0x10", 422),
    ] as [(String, Int)])
  func areRefusedOrCheap(path: String, status: Int) async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      let answer = try await app.send(.get, path)
      #expect(answer.status == status, "\(answer.text.prefix(200))")
    }
  }

  @Test func longUserSearchesAreRefused() async throws {
    try await TestApp.with { app in
      let long = String(repeating: "a", count: 60_000)
      for path in ["/api/users", "/api/paginated/users"] {
        let answer = try await app.send(.get, "\(path)?q=\(long)", as: "owner")
        #expect(answer.status == 422)
      }
    }
  }

  /// A time that no calendar has must not end the process, not even from a row of an earlier release.
  @Test func noRepetitionIsBeyondTime() async throws {
    let clock = TestClock(1_800_000_000)
    try await TestApp.with(now: { clock.date }) { app in
      try await app.createChannel("lab", as: "member")
      for seconds in [Int64.max, 315_360_001] {
        let body: JSONValue = ["action": "reindex", "repeat_every_seconds": .integer(seconds)]
        #expect(
          try await app.send(.put, "/api/channels/lab/actions", as: "member", json: body).status == 422)
      }
      let lab = try #require(try await app.metadata.channel(named: "lab"))
      let job = try await app.metadata.enqueueJob(
        NewJob(
          name: "reindex", runAt: clock.date, ownerID: app.userIDs["member"], channelID: lab.id,
          repeatSeconds: .max), now: clock.date)
      await app.server.jobRunner.drain()
      let answer = try await app.json("/api/jobs/\(job.id)", as: "member")
      #expect(answer["status"] == "pending")
    }
  }

  @Test func strangersCannotTellWhichPackagesAPrivateChannelHas() async throws {
    try await TestApp.with { app in
      try await app.createChannel("shut", isPrivate: true)
      #expect(try await app.upload(PackageBuilder(), to: "shut").status == 201)
      let file = PackageBuilder().fileName
      let attempts: [(HTTPRequest.Method, String)] = [
        (.get, ""), (.delete, ""), (.get, "/members"), (.get, "/versions"),
        (.get, "/versions/noarch/\(file)"),
        (.delete, "/versions/noarch/\(file)"), (.delete, "/versions/noarch/other-1-0.conda"),
      ]
      for (method, rest) in attempts {
        for (user, status) in [(nil, 401), ("nobody", 403)] as [(String?, Int)] {
          for package in ["demo", "none"] {
            let answer = try await app.send(method, "/api/channels/shut/packages/\(package)\(rest)", as: user)
            #expect(answer.status == status, "\(method) \(package)\(rest) by \(user ?? "-")")
          }
        }
      }
      expect(
        try await app.send(.get, "/api/channels/shut/packages/none", as: "owner"), 404,
        "Package shut/none not found")
      for package in ["demo", "none"] {
        let role: JSONValue = ["channel": "shut", "package": .string(package), "role": "member"]
        let body: JSONValue = ["description": "", "roles": [role]]
        #expect(try await app.send(.post, "/api/api-keys", as: "nobody", json: body).status == 403)
      }
    }
  }

  /// Two keys in two header fields are one text, and no key; nor is anything that could split a header. The second path is
  /// answered from memory once it was asked for.
  @Test(arguments: ["/api/channels/shut", "/get/shut/noarch/repodata.json"])
  func headersHoldOneKey(path: String) async throws {
    try await TestApp.with { app in
      try await app.createChannel("shut", isPrivate: true)
      let key = try #require(app.keys["owner"])
      for _ in 0..<8 { #expect(try await app.send(.get, path, as: "owner").status == 200) }
      for (fields, status) in [
        ("X-API-Key: \(key)\r\n", 200), ("X-API-Key: \(key)\r\nX-API-Key: qz-x\r\n", 401),
        ("X-API-Key: qz-x\r\nX-API-Key: \(key)\r\n", 401), ("X-API-Key:\r\n", 401),
        ("X-API-Key: qz-x\r\nAuthorization: Bearer \(key)\r\n", 401),
        ("Authorization: Bearer \(key)\r\n", 200), ("Authorization: Bearer \(key) x\r\n", 401),
        ("X_API_Key: \(key)\r\n", 401),
      ] {
        let bytes = try await RawConnection.exchange(
          app.baseURL, sending: "GET \(path) HTTP/1.1\r\nHost: test\r\n\(fields)Connection: close\r\n\r\n")
        #expect(try RawConnection.answers(in: bytes).map(\.status) == [status], "\(fields)")
      }
    }
  }

  /// Where two readers of a request could see its end in different places, nothing after it is taken for a request.
  @Test(arguments: [
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n",
    "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding : chunked\r\n", "Content-Length: +5\r\n",
    "Content-Length: 5, 5\r\n", "Content-Length: 0x5\r\n", "Transfer-Encoding: xchunked\r\n",
  ])
  func noRequestHidesAnother(fields: String) async throws {
    try await TestApp.with { app in
      try await app.createChannel("open")
      let key = try #require(app.keys["owner"])
      let quick = "GET /get/open/noarch/repodata.json HTTP/1.1\r\nHost: test\r\n\r\n"
      for _ in 0..<8 { _ = try await app.send(.get, "/get/open/noarch/repodata.json") }
      let hidden = "GET /api/users HTTP/1.1\r\nHost: test\r\nX-API-Key: \(key)\r\nConnection: close\r\n\r\n"
      // Behind an answer from memory and alone.
      for first in ["", quick] {
        let bytes = try await RawConnection.exchange(
          app.baseURL,
          sending: "\(first)POST /api/api-keys HTTP/1.1\r\nHost: test\r\n\(fields)\r\n0\r\n\r\n\(hidden)")
        #expect(!String(decoding: bytes, as: UTF8.self).contains("\"username\""))
      }
    }
  }

  /// A shared cache knows nothing of keys: what has no rule of its own is not to be kept.
  @Test func noCacheInBetweenKeepsAnswers() async throws {
    try await TestApp.with(development: true) { app in
      try await app.createChannel("shut", isPrivate: true)
      for path in [
        "/api/channels", "/api/channels/shut", "/api/users", "/api/none", "/metricsp", "/auth/logout",
      ] {
        #expect(try await app.send(.get, path, as: "owner").headers[.cacheControl] == "no-store", "\(path)")
      }
      let file = try await app.send(.get, "/get/shut/noarch/repodata.json", as: "owner")
      #expect(file.headers[.cacheControl]?.contains("private") == true)
      #expect(try await app.send(.get, "/docs").headers[.cacheControl] == "max-age=0, must-revalidate")
    }
  }

  @Test func anActionIsDoneOnceHoweverOftenItIsNamed() async throws {
    try await TestApp.with { app in
      let actions = JSONValue.array(Array(repeating: "reindex", count: 5000))
      let body: JSONValue = ["name": "lab", "actions": actions]
      #expect(try await app.send(.post, "/api/channels", as: "member", json: body).status == 201)
      await app.server.jobRunner.drain()
      let jobs = try await app.json("/api/jobs?status=success&status=pending&status=running", as: "member")
      #expect(jobs["pagination"]?["all_records_count"] == 1)
    }
  }
}
