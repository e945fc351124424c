import CondaTypes
import Foundation
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

/// What becomes of a key: used, outlived, taken over, revoked.
@Suite struct KeyLifeTests {
  private static func row(_ app: TestApp, _ key: String) async throws -> APIKeyRow? {
    try await app.metadata.apiKey(hash: APIKeySecret(text: key).hash())?.key
  }

  @Test func remembersWhenItWasLastUsed() async throws {
    let clock = TestClock(1_795_332_792)
    try await TestApp.with(now: { clock.date }) { app in
      let key = try await app.createKey(as: "member")
      #expect(try await Self.row(app, key)?.lastUsed == nil)
      _ = try await app.send(.get, "/api/channels", as: key)
      clock.advance(60)
      _ = try await app.send(.get, "/t/\(key)/api/channels")
      await app.server.services.keyUsage.flush()
      #expect(try await Self.row(app, key)?.lastUsed == clock.date)
    }
  }

  @Test func worksBehindAMountPathToo() async throws {
    try await TestApp.with { app in
      try await app.createChannel("shut", isPrivate: true)
      let key = try #require(app.keys["owner"])
      for path in ["/get/t/\(key)/shut/noarch/repodata.json", "/channels/t/\(key)/shut/noarch/repodata.json"]
      {
        #expect(try await app.send(.get, path).status == 200, "\(path)")
        #expect(try await app.send(.head, path).status == 200, "\(path)")
      }
      #expect(try await app.send(.get, "/api/t/\(key)/channels/shut").status == 200)
    }
  }

  @Test func makesNoKeyThatOutlivesIt() async throws {
    try await TestApp.with { app in
      let short = try await app.createKey(as: "member", expires: "2199-01-02")
      for (wanted, got) in [(nil, "2199-01-02"), ("2199-12-31", "2199-01-02"), ("2199-01-01", "2199-01-01")]
        as [(String?, String)]
      {
        let body: JSONValue = [
          "description": "x", "roles": [], "expire_at": wanted.map { .string($0) } ?? .null,
        ]
        let answer = try await app.send(.post, "/api/api-keys", as: short, json: body)
        #expect(answer.json?["expire_at"] == .string(got))
      }
    }
  }

  @Test func isTakenOverFromAnOriginalServer() async throws {
    try await TestApp.with { app in
      try await app.createChannel("shut", isPrivate: true)
      let importer = UpstreamKeyImport(metadata: app.metadata)
      let owner = try #require(app.userIDs["owner"])
      let (full, scoped) = ("PpF3nR7kM2xQ9wZ1tB6yC4vD8sG5hJ0L", "aaF3nR7kM2xQ9wZ1tB6yC4vD8sG5hJ0L")
      for (key, roles) in [
        (full, []), (scoped, [KeyRole(channel: "shut", package: nil, role: .member)]),
      ] as [(String, [KeyRole])] {
        #expect(
          try await importer.run(
            key: key, description: "old", createdOn: Date(), expiresOn: nil, owner: owner, roles: roles)
            != nil)
        #expect(try await app.send(.get, "/t/\(key)/get/shut/noarch/repodata.json").status == 200)
      }
      #expect(try await app.send(.post, "/api/channels", as: scoped, json: ["name": "x"]).status == 403)
      #expect(try await app.send(.post, "/api/channels", as: full, json: ["name": "x"]).status == 201)
      #expect(
        try await importer.run(
          key: "short", description: "", createdOn: Date(), expiresOn: nil, owner: owner, roles: []) == nil)
    }
  }

  @Test func stopsAtOnceWhenItIsRevoked() async throws {
    try await TestApp.with { app in
      try await app.createChannel("shut", isPrivate: true)
      let key = try await app.createKey(as: "owner")
      for path in ["/get/shut/noarch/repodata.json", "/api/channels/shut"] {
        #expect(try await app.send(.get, path, as: key).status == 200)
      }
      #expect(try await app.send(.delete, "/api/api-keys/\(key)", as: key).status == 200)
      for path in ["/get/shut/noarch/repodata.json", "/api/channels/shut"] {
        #expect(try await app.send(.get, path, as: key).status == 401)
      }
    }
  }
}
