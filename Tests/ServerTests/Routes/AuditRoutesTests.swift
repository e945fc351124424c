import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

@Suite struct AuditRoutesTests {
  private static func lines(_ app: TestApp, _ query: String = "", as user: String = "owner") async throws
    -> [JSONValue]
  {
    try await app.json("/api/audit?limit=-1&\(query)", as: user)["result"]?.asArray ?? []
  }

  @Test func saysWhoDidWhatWhenFromWhereAndWithWhichKey() async throws {
    let clock = TestClock(1_795_332_792)
    try await TestApp.with(now: { clock.date }) { app in
      try await app.createChannel("lab", as: "member")
      let key = try await app.createKey(
        as: "member", roles: [["channel": "lab", "package": .null, "role": "maintainer"]])
      #expect(try await app.upload(PackageBuilder(), to: "lab", as: key).status == 201)
      let rows = try await Self.lines(app, "channel=lab")
      #expect(
        rows.compactMap { $0["action"]?.asString } == ["artifact.publish", "key.create", "channel.create"])
      let row = try #require(rows.first)
      #expect(
        row.keys == [
          "id", "time", "action", "actor", "actor_id", "channel", "subject", "detail", "key", "address",
        ])
      let id = try #require(try await app.metadata.apiKey(hash: APIKeySecret(text: key).hash())?.key.id)
      #expect(row["actor"] == "member")
      #expect(row["channel"] == "lab")
      #expect(row["subject"] == "noarch/demo-1.0-0.conda")
      #expect(row["key"] == .string(id.uuidString.lowercased()))
      #expect(row["address"] == "127.0.0.1")
      #expect(row["time"] == "2026-11-22T07:33:12")
      #expect(!rows.contains { $0.canonicalText().contains(key) })
    }
  }

  @Test func isForOwnersOnly() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab", as: "member")
      try await app.createChannel("other")
      try await app.setRole(.maintainer, of: "nobody", in: "lab")
      for (user, all, lab) in [
        (nil, 401, 401), ("nobody", 403, 403), ("member", 403, 200), ("maintainer", 403, 200),
        ("owner", 200, 200),
      ] as [(String?, Int, Int)] {
        #expect(try await app.send(.get, "/api/audit", as: user).status == all, "\(user ?? "-")")
        #expect(try await app.send(.get, "/api/audit?channel=lab", as: user).status == lab, "\(user ?? "-")")
      }
      expect(try await app.send(.get, "/api/audit?channel=none", as: "member"), 404)
      #expect(try await Self.lines(app, "channel=LAB", as: "member").allSatisfy { $0["channel"] == "lab" })
    }
  }

  @Test func isPagedAndFiltered() async throws {
    try await TestApp.with { app in
      for name in ["a", "b", "c"] { try await app.createChannel(name) }
      #expect(try await app.send(.delete, "/api/channels/a", as: "owner").status == 200)
      let page = try await app.json("/api/audit?action=channel.create&skip=1&limit=1", as: "owner")
      #expect(page["pagination"] == ["skip": 1, "limit": 1, "all_records_count": 3])
      #expect(page["result"]?.asArray?.compactMap { $0["subject"]?.asString } == ["b"])
      #expect(try await Self.lines(app, "action=channel.").count == 4)
      // What a former channel went through is still there.
      #expect(
        try await Self.lines(app, "channel=a").compactMap { $0["action"]?.asString } == [
          "channel.delete", "channel.create",
        ])
      #expect(try await Self.lines(app, "user=owner&action=channel.").count == 4)
      #expect(try await Self.lines(app, "user=member").isEmpty)
      #expect(try await Self.lines(app, "since=2199-01-01").isEmpty)
      #expect(try await Self.lines(app, "until=2199-01-01&action=channel.").count == 4)
      for query in ["key=x", "since=x", "until=x", "limit=x"] {
        #expect(try await app.send(.get, "/api/audit?\(query)", as: "owner").status == 422, "\(query)")
      }
      #expect(try await app.send(.get, "/api/audit?user=none", as: "owner").status == 404)
    }
  }

  @Test func believesTheConfiguredHeaderOnly() async throws {
    let forwarded = try #require(HTTPField.Name("X-Forwarded-For"))
    let real = try #require(HTTPField.Name("X-Real-IP"))
    for (toml, address) in [
      ("", "127.0.0.1"), ("[general]\nclient_address_header = \"X-Forwarded-For\"", "192.0.2.7"),
      ("[general]\nclient_address_header = \"X-Real-IP\"", "198.51.100.9"),
    ] {
      try await TestApp.with(toml: toml) { app in
        let headers: HTTPFields = [
          .apiKey: try #require(app.keys["owner"]), forwarded: "203.0.113.5, 192.0.2.7", real: "198.51.100.9",
        ]
        #expect(
          try await app.send(.post, "/api/channels", headers: headers, body: .text("{\"name\":\"x\"}")).status
            == 201)
        #expect(try await Self.lines(app, "action=channel.create").first?["address"] == .string(address))
      }
    }
  }
}
