import CondaTypes
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

@Suite struct MirrorsRoutesTests {
  private static let remote: JSONValue = "https://mirror.example.org/get/lab"

  @Test func areRegisteredListedAndRemoved() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let path = "/api/channels/lab/mirrors"
      let answer = try await app.send(.post, path, as: "owner", json: ["url": Self.remote])
      #expect(answer.status == 201 && answer.text == "null")
      let list = try await app.json(path).asArray ?? []
      #expect(list.count == 1)
      #expect(list.first?.keys == ["id", "url", "api_endpoint", "metrics_endpoint"])
      #expect(list.first?["api_endpoint"] == "https://mirror.example.org/api/channels/lab")
      #expect(list.first?["metrics_endpoint"] == "https://mirror.example.org/metrics/channels/lab")
      let id = try #require(list.first?["id"]?.asString)
      expect(try await app.send(.delete, "\(path)/\(id)"), 401, "Not logged in")
      expect(try await app.send(.delete, "\(path)/\(id)", as: "nobody"), 403, "No permission")
      for _ in 0..<2 { #expect(try await app.send(.delete, "\(path)/\(id)", as: "owner").text == "null") }
      #expect(try await app.json(path) == [])
      #expect(try await app.send(.delete, "\(path)/not-an-id", as: "owner").status == 422)
    }
  }

  @Test func mayBeRegisteredOnceOverAllChannels() async throws {
    try await TestApp.with { app in
      for name in ["one", "two"] { try await app.createChannel(name) }
      #expect(
        try await app.send(.post, "/api/channels/one/mirrors", as: "owner", json: ["url": Self.remote]).status
          == 201)
      expect(
        try await app.send(.post, "/api/channels/two/mirrors", as: "owner", json: ["url": Self.remote]), 409,
        "Mirror https://mirror.example.org/get/lab exists")
    }
  }

  @Test func askForAMaintainerAndAGoodURL() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let path = "/api/channels/lab/mirrors"
      expect(try await app.send(.post, path, json: ["url": Self.remote]), 401, "Not logged in")
      expect(try await app.send(.post, path, as: "nobody", json: ["url": Self.remote]), 403, "No permission")
      for body in [[:], ["url": .null], ["url": "ftp://x.org/get/a"], ["url": "https://"], ["url": 1]]
        as [JSONValue]
      {
        let answer = try await app.send(.post, path, json: body)
        #expect(answer.status == 422, "\(body)")
        #expect(answer.detail?.asArray?.first?["loc"] == ["body", "url"])
      }
    }
  }

  /// quetz-api.md §9.2, hole 10.
  @Test(arguments: [
    "http://127.0.0.1/get/a", "http://localhost:8000/get/a", "http://[::1]/get/a", "http://10.0.0.1/get/a",
    "http://169.254.169.254/get/a", "http://2130706433/get/a", "http://0x7f.1/get/a", "http://127.1/get/a",
    "http://user@mirror.example.org/get/a", "http://intranet/get/a", "http://db.internal/get/a",
    "http://[::ffff:10.0.0.1]/get/a", "http://[fe80::1]/get/a",
  ])
  func mayNotBeOnInternalHosts(url: String) async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      for body in [["url": .string(url)], ["url": Self.remote, "api_endpoint": .string(url)]] as [JSONValue] {
        let answer = try await app.send(.post, "/api/channels/lab/mirrors", as: "owner", json: body)
        #expect(answer.status == 422, "\(answer.text)")
      }
      #expect(try await app.json("/api/channels/lab/mirrors") == [])
      let channel: JSONValue = ["name": "m", "mirror_channel_url": .string(url), "mirror_mode": "mirror"]
      #expect(try await app.send(.post, "/api/channels", as: "owner", json: channel).status == 422)
      #expect(try await app.send(.get, "/api/channels/m", as: "owner").status == 404)
    }
  }
}
