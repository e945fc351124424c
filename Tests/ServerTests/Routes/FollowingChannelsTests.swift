import CondaTypes
import CurlHTTP
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

/// Mirror and proxy channels as far as they exist: records, and the routes that are closed to them.
@Suite struct FollowingChannelsTests {
  private static func create(
    _ app: TestApp, _ mode: String, as user: String = "owner", _ more: [String: JSONValue] = [:]
  ) async throws -> Answer {
    let body: [String: JSONValue] = [
      "name": .string(mode), "private": false, "mirror_mode": .string(mode),
      "mirror_channel_url": "https://up.example.org/get/main",
    ]
    return try await app.send(.post, "/api/channels", as: user, json: .object(body.merging(more) { $1 }))
  }

  @Test func areMadeByElevatedUsersOnly() async throws {
    try await TestApp.with { app in
      for mode in ["mirror", "proxy"] {
        expect(
          try await Self.create(app, mode, as: "member"), 403,
          ["this operation requires owner or maintainer roles"])
        #expect(try await Self.create(app, mode, as: "maintainer").status == 201)
        let channel = try await app.json("/api/channels/\(mode)")
        #expect(channel["mirror_mode"]?.asString == mode)
        #expect(channel["mirror_channel_url"] == "https://up.example.org/get/main")
      }
      #expect(try await app.send(.get, "/get/mirror/noarch/repodata.json").status == 200)
    }
  }

  @Test func refuseContradictingListsAndForbiddenActionsWithoutATrace() async throws {
    try await TestApp.with { app in
      expect(
        try await Self.create(app, "mirror", ["metadata": ["includelist": ["a"], "excludelist": []]]), 422,
        "Cannot use both `includelist` and `excludelist` together.")
      expect(
        try await Self.create(app, "mirror", ["actions": ["synchronize_metrics"]]), 405,
        "Action synchronize_metrics not allowed for channel mirror")
      #expect(try await Self.create(app, "mirror", ["actions": ["zzz"]]).status == 422)
      #expect(
        try await app.send(
          .post, "/api/channels", as: "owner", json: ["name": "plain", "actions": ["synchronize"]]
        ).status == 405)
      let registering = try await app.send(
        .post, "/api/channels?register_mirror=true", as: "owner",
        json: [
          "name": "mirror", "mirror_mode": "mirror", "mirror_channel_url": "https://up.example.org/get/main",
        ])
      #expect(registering.status == 422)
      #expect(registering.detail?.asArray?.first?["loc"] == ["query", "register_mirror"])
      #expect(try await app.metadata.allChannels().isEmpty)
      #expect(
        try await Self.create(app, "mirror", ["metadata": ["includelist": ["a"]], "actions": []]).status
          == 201)
      #expect(try await app.metadata.channel(named: "mirror")?.metadata == #"{"includelist":["a"]}"#)
      #expect(try await app.json("/api/jobs", as: "owner")["result"] == [])
    }
  }

  @Test func runTheirFirstActions() async throws {
    try await TestApp.with { app in
      let body: JSONValue = ["name": "lab", "private": false, "actions": ["generate_indexes", "cleanup"]]
      #expect(try await app.send(.post, "/api/channels", as: "member", json: body).status == 201)
      await app.server.jobRunner.drain()
      let jobs = try await app.json("/api/jobs?status=success", as: "member")["result"]?.asArray ?? []
      #expect(
        jobs.compactMap { $0["manifest"]?.asString } == [
          "generate_indexes", "db_cleanup", "pkgstore_cleanup",
        ])
    }
  }

  /// (method, path below the channel, body) to the modes that refuse it.
  static let closed: [(HTTPRequest.Method, String, JSONValue?, [String])] = [
    (.patch, "", ["ttl": 1], ["proxy"]), (.get, "/members", nil, ["proxy"]),
    (.post, "/members", ["username": "member", "role": "member"], ["proxy"]),
    (.delete, "/members?username=member", nil, ["proxy"]), (.get, "/mirrors", nil, ["proxy"]),
    (.post, "/mirrors", ["url": "https://m.example.org/get/a"], ["proxy"]),
    (.get, "/packages", nil, ["proxy"]), (.post, "/packages", ["name": "a"], ["proxy", "mirror"]),
    (
      .post, "/packages/copy?source_channel=a&source_package=b&subdir=c&filename=d", nil, ["proxy", "mirror"]
    ),
    (.post, "/upload/a-1-0.conda?sha256=", nil, ["proxy", "mirror"]),
    (.post, "/files/", nil, ["proxy", "mirror"]),
  ]

  @Test(arguments: closed)
  func refuseWhatIsNotForThem(
    method: HTTPRequest.Method, path: String, body: JSONValue?, modes: [String]
  ) async throws {
    try await TestApp.with { app in
      for mode in ["proxy", "mirror"] {
        #expect(try await Self.create(app, mode).status == 201)
        for user in [nil, "owner"] {
          let answer = try await app.send(
            method, "/api/channels/\(mode)\(path)", as: user,
            body: body.map { .text($0.canonicalText()) } ?? .none)
          if modes.contains(mode) {
            expect(answer, 405, .string("This method is not implemented for \(mode) channels"))
          } else {
            #expect(answer.status != 405, "\(answer.text)")
          }
        }
      }
      let paginated = try await app.send(.get, "/api/paginated/channels/proxy/packages")
      #expect(paginated.status == 405)
    }
  }
}
