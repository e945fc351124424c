import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import NIOCore
import Server
import TestSupport
import Testing

@Suite struct APIKeysRoutesTests {
  static let fields: Set<String> = ["description", "time_created", "expire_at", "roles", "key"]
  static let root = "/api/api-keys"
  /// Sunday, 22 November 2026, 07:33:12.
  static let now: TimeInterval = 1_795_332_792

  @Test func showsTheSecretOnceAndOnlyThen() async throws {
    let clock = TestClock(Self.now)
    try await TestApp.with(now: { clock.date }) { app in
      let body: JSONValue = [
        "description": "ci", "expire_at": "2027-01-31", "roles": [], "time_created": "1999-01-01",
      ]
      let answer = try await app.send(.post, Self.root, as: "nobody", json: body)
      expect(answer, 201)
      let key = try #require(answer.json)
      #expect(key.keys == Self.fields)
      #expect(key["description"] == "ci")
      #expect(key["time_created"] == "2026-11-22")
      #expect(key["expire_at"] == "2027-01-31")
      #expect(key["roles"] == .null)
      let secret = try #require(key["key"]?.asString)
      #expect(
        secret.hasPrefix("qz-")
          && secret.utf8.allSatisfy {
            $0 == 0x2d || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a) || (0x30...0x39).contains($0)
          })

      let list = try await app.send(.get, Self.root, as: "nobody")
      #expect(!list.text.contains(secret) && !list.text.contains("qz-"))
      let rows = list.json?.asArray ?? []
      #expect(rows.count == 2)
      #expect(
        rows.allSatisfy { $0.keys == Self.fields && UUID(uuidString: $0["key"]?.asString ?? "") != nil })
      #expect(rows.last?["description"] == "ci")
      #expect(try await app.send(.get, Self.root, as: secret).status == 200)
      // Nor does the database hold it.
      let database = try Data(contentsOf: URL(fileURLWithPath: app.deployment.root + "/quetz.sqlite"))
      #expect(database.firstRange(of: Data(secret.utf8)) == nil)
      if let log = try? Data(contentsOf: URL(fileURLWithPath: app.deployment.root + "/quetz.sqlite-wal")) {
        #expect(log.firstRange(of: Data(secret.utf8)) == nil)
      }
    }
  }

  @Test func needsALogin() async throws {
    try await TestApp.with { app in
      expect(try await app.send(.get, Self.root), 401, "Not logged in")
      expect(try await app.send(.get, Self.root, as: "wrong"), 401, "Not logged in")
      expect(try await app.send(.post, Self.root, json: ["description": "x"]), 401, "Not logged in")
      #expect(try await app.send(.post, Self.root, json: ["roles": []]).status == 422)
      expect(try await app.send(.delete, "\(Self.root)/\(UUID())"), 404)
    }
  }

  @Test(arguments: [
    #"{}"#, #"{"description":1}"#, #"{"description":"x","roles":{}}"#,
    #"{"description":"x","expire_at":"soon"}"#,
    #"{"description":"x","expire_at":"2027-02-30"}"#,
    #"{"description":"x","expire_at":"2027-01-01T05:00:00"}"#,
    #"{"description":"x","roles":[{"channel":"lab","role":"coowner"}]}"#,
    #"{"description":"x","roles":[{"channel":"lab"}]}"#,
    #"{"description":"x","roles":[{"role":"owner"}]}"#,
    #"{"description":"x","roles":[{"channel":"","role":"owner"}]}"#,
    #"{"description":"x","roles":[{"channel":"lab","role":null}]}"#, #"{"description":"x","roles":[null]}"#,
    #"{"description":"x","roles":["lab"]}"#,
    #"{"description":"x","roles":[{"channel":"lab","role":"OWNER"}]}"#,
  ])
  func refusesABadBody(body: String) async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let answer = try await app.send(.post, Self.root, as: "owner", body: .text(body))
      #expect(answer.status == 422, "\(answer.text)")
      #expect(answer.detail?.asArray?.isEmpty == false)
      #expect(try await app.json(Self.root, as: "owner").asArray?.count == 1)
    }
  }

  @Test func worksThroughItsLastDay() async throws {
    let clock = TestClock(Self.now)
    try await TestApp.with(now: { clock.date }) { app in
      let today = try await app.createKey(as: "owner", expires: "2026-11-22")
      let past = try await app.createKey(as: "owner", expires: "2026-11-21")
      #expect(try await app.send(.get, Self.root, as: today).status == 200)
      #expect(try await app.send(.get, Self.root, as: past).status == 401)
      clock.advance(59_207)  // 23:59:59 UTC
      #expect(try await app.send(.get, Self.root, as: today).status == 200)
      clock.advance(1)
      #expect(try await app.send(.get, Self.root, as: today).status == 401)
    }
  }

  @Test func isDeletedByIdentifierOrSecret() async throws {
    try await TestApp.with { app in
      let first = try await app.createKey(as: "nobody")
      let second = try await app.createKey(as: "nobody")
      let third = try await app.createKey(as: "nobody")
      let rows = try await app.json(Self.root, as: "nobody").asArray ?? []
      #expect(rows.count == 4)
      let identifier = try #require(rows[1]["key"]?.asString)
      for text in [identifier, identifier.uppercased()] {
        let answer = try await app.send(.delete, "\(Self.root)/\(text)", as: "nobody")
        expect(answer, 200)
        #expect(answer.text == "null")
      }
      #expect(try await app.send(.get, Self.root, as: first).status == 401)
      #expect(try await app.send(.delete, "\(Self.root)/\(second)", as: "nobody").status == 200)
      #expect(try await app.send(.get, Self.root, as: second).status == 401)
      // A key may end itself.
      #expect(try await app.send(.delete, "\(Self.root)/\(third)", as: third).status == 200)
      #expect(try await app.send(.get, Self.root, as: third).status == 401)
      #expect(try await app.json(Self.root, as: "nobody").asArray?.count == 1)
    }
  }

  @Test func isDeletedByItsOwnerOrElevatedUsersOnly() async throws {
    try await TestApp.with { app in
      let secret = try await app.createKey(as: "nobody")
      let identifier = try #require(
        try await app.json(Self.root, as: "nobody").asArray?.last?["key"]?.asString)
      expect(try await app.send(.delete, "\(Self.root)/\(identifier)"), 401, "Not logged in")
      expect(try await app.send(.delete, "\(Self.root)/\(identifier)", as: "member"), 403, "No permission")
      expect(try await app.send(.delete, "\(Self.root)/\(secret)", as: "member"), 403, "No permission")
      #expect(try await app.send(.get, Self.root, as: secret).status == 200)
      #expect(try await app.send(.delete, "\(Self.root)/\(identifier)", as: "maintainer").status == 200)
      #expect(try await app.send(.get, Self.root, as: secret).status == 401)
    }
  }

  @Test func doesNotRepeatAMistypedSecret() async throws {
    try await TestApp.with { app in
      let unknown = UUID().uuidString.lowercased()
      expect(
        try await app.send(.delete, "\(Self.root)/\(unknown)", as: "owner"), 404,
        .string("key '\(unknown)' does not exist"))
      let answer = try await app.send(.delete, "\(Self.root)/qz-almostASecret", as: "owner")
      #expect(answer.status == 404)
      #expect(!answer.text.contains("almostASecret"))
    }
  }
}
