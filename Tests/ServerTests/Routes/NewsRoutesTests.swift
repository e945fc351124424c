import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Server
import TestSupport
import Testing

/// What a channel tells beside its packages.
@Suite struct NewsRoutesTests {
  private static let start: TimeInterval = 1_800_000_000
  private static let notices = "/api/channels/lab/notices"

  private static func served(_ app: TestApp) async throws -> [JSONValue] {
    try await app.settle("lab")
    return try #require(try await app.json("/get/lab/notices.json")["notices"]?.asArray)
  }

  @Test func noticesAreServedUntilTheyExpireOrGo() async throws {
    let clock = TestClock(Self.start)
    try await TestApp.with(now: { clock.date }) { app in
      try await app.createChannel("lab")
      #expect(try await Self.served(app) == [])
      let expires = Self.start + 3600
      for (message, level) in [("first", nil), ("second", "critical")] as [(String, String?)] {
        let body: JSONValue = [
          "message": .string(message), "level": level.map { .string($0) } ?? .null,
          "expires_at": .integer(Int64(expires)),
        ]
        let answer = try await app.send(.post, Self.notices, as: "owner", json: body)
        #expect(answer.status == 201, "\(answer.text)")
        clock.advance(1)
      }
      let served = try await Self.served(app)
      #expect(served.map { $0["message"] } == ["second", "first"])
      #expect(served.map { $0["level"] } == ["critical", "info"])
      #expect(served[1]["created_at"] == "2027-01-15T08:00:00+00:00")
      #expect(served[1]["expires_at"] == "2027-01-15T09:00:00+00:00")
      #expect(try await app.json(Self.notices).asArray == served)

      let id = try #require(served[0]["id"]?.asString)
      for _ in 0..<2 {
        #expect(try await app.send(.delete, "\(Self.notices)/\(id)", as: "owner").status == 200)
      }
      #expect(try await Self.served(app).map { $0["message"] } == ["first"])
      clock.advance(3600)
      try await app.server.collectGarbage.collect()
      #expect(try await Self.served(app) == [])
      #expect(try await app.json(Self.notices) == [])
    }
  }

  @Test(arguments: [
    #"{"expires_at":"2100-01-01"}"#, #"{"message":"x"}"#, #"{"message":" ","expires_at":"2100-01-01"}"#,
    #"{"message":"x","expires_at":"2000-01-01"}"#, #"{"message":"x","expires_at":"soon"}"#,
    #"{"message":"x","expires_at":"2100-01-01","level":"loud"}"#,
  ])
  func noticesMustBeComplete(body: String) async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let answer = try await app.send(.post, Self.notices, as: "owner", body: .text(body))
      #expect(answer.status == 422, "\(answer.text)")
    }
  }

  @Test func aChannelHasFiftyNoticesAtMost() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let body: JSONValue = ["message": "x", "expires_at": "2100-01-01"]
      for _ in 0..<50 {
        #expect(try await app.send(.post, Self.notices, as: "owner", json: body).status == 201)
      }
      #expect(try await app.send(.post, Self.notices, as: "owner", json: body).status == 422)
    }
  }

  @Test func theFeedListsTheNewestArtifactsInTheIndex() async throws {
    let clock = TestClock(Self.start)
    try await TestApp.with(now: { clock.date }) { app in
      try await app.createChannel("lab")
      for version in ["1.0", "2.0"] {
        #expect(try await app.upload(PackageBuilder(version: version), to: "lab").status == 201)
        clock.advance(1)
      }
      try await app.settle("lab")
      let answer = try await app.send(.get, "/get/lab/rss.xml")
      #expect(answer.headers[.contentType] == "application/rss+xml")
      let parts = answer.text.components(separatedBy: "<item>")
      #expect(parts.count == 3 && parts[1].contains("<title>demo 2.0 (noarch)</title>"))
      #expect(parts[1].contains("<link>noarch/demo-2.0-0.conda</link>"))
      #expect(parts[1].contains("<pubDate>Fri, 15 Jan 2027 08:00:01 GMT</pubDate>"))
      #expect(parts[0].contains("<lastBuildDate>Fri, 15 Jan 2027 08:00:01 GMT</lastBuildDate>"))
      let yank = "/api/channels/lab/packages/demo/versions/noarch/demo-2.0-0.conda/yank"
      _ = try await app.send(.post, yank, as: "owner", json: ["reason": "x"])
      try await app.settle("lab")
      #expect(try await !app.send(.get, "/get/lab/rss.xml").text.contains("demo 2.0"))
    }
  }

  @Test func relationsStandInRepodataAndInTheShardIndexOfEverySubdir() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      var native = PackageBuilder()
      (native.subdir, native.noarch) = ("linux-64", nil)
      #expect(try await app.upload(native, to: "lab").status == 201)
      let path = "/api/channels/lab/relations"
      #expect(try await app.json(path) == ["base": .null, "overrides": .null])
      for relations in [["base": "../conda-forge"], ["base": "../x", "overrides": "../y"], [:]] as [JSONValue]
      {
        let answer = try await app.send(.put, path, as: "owner", json: relations)
        #expect(answer.status == 200, "\(answer.text)")
        for (key, value) in relations.asObject ?? [:] { #expect(try await app.json(path)[key] == value) }
        let expected = relations == [:] ? nil : relations
        for subdir in ["noarch", "linux-64"] {
          let reader = ShardReader(app: app, channel: "lab", subdir: subdir)
          #expect(try await reader.document().json["info"]?["channel_relations"] == expected)
          #expect(try await reader.index().count == (subdir == "noarch" ? 0 : 1))
        }
        try await app.settle("lab")
        for subdir in ["noarch", "linux-64"] {
          for name in ["repodata.json", "current_repodata.json"] {
            let info = try await app.json("/get/lab/\(subdir)/\(name)")["info"]
            #expect(info?["channel_relations"] == expected)
          }
        }
      }
      for wrong in [
        ["base": "../lab"], ["base": "conda-forge"], ["base": 1], ["base": "../a", "overrides": "../a"],
      ] as [JSONValue] {
        #expect(try await app.send(.put, path, as: "owner", json: wrong).status == 422)
      }
    }
  }

  @Test func freshnessIsMeasured() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let path = "/api/channels/lab/index"
      let before = try await app.json(path)
      #expect(before["upload_to_shards_seconds"] == .null && before["upload_to_repodata_seconds"] == .null)
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      try await app.settle("lab")
      func isThrough(_ state: JSONValue) -> Bool {
        let subdir = state["subdirs"]?.asArray?.first
        return state["upload_to_repodata_seconds"] != .null
          && subdir?["generation"] == subdir?["documents_generation"]
      }
      var state = try await app.json(path)
      let deadline = ContinuousClock.now + .seconds(30)
      // The builder may have been quicker than `settle`, and not be done yet.
      while !isThrough(state), ContinuousClock.now < deadline { state = try await app.json(path) }
      let seconds = ["upload_to_shards_seconds", "upload_to_repodata_seconds"].map { key -> Double in
        if case .number(let value) = state[key] { return value }
        return -1
      }
      #expect(seconds[0] > 0 && seconds[1] >= seconds[0])
      let subdir = try #require(state["subdirs"]?.asArray?.first)
      #expect(subdir["subdir"] == "noarch" && subdir["generation"] == subdir["documents_generation"])
      let metrics = try await app.send(.get, "/metricsp").text
      for name in ["quetz_upload_to_shards_seconds", "quetz_upload_to_repodata_seconds"] {
        #expect(metrics.contains("# TYPE \(name) histogram"))
        #expect(metrics.contains("\(name)_bucket{le=\"+Inf\"} 1\n") && metrics.contains("\(name)_count 1\n"))
      }
    }
  }
}
