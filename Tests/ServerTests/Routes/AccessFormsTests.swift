import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import NIOCore
import Server
import TestSupport
import Testing

/// Every way in which clients present a key.
@Suite struct AccessFormsTests {
  static let file = "/get/shut/noarch/repodata.json"

  private static func basic(_ text: String) -> String { "Basic " + Data(text.utf8).base64EncodedString() }

  /// Requests that present `key`: a path prefix and headers.
  private static func forms(_ key: String) -> [(path: String, headers: HTTPFields)] {
    [
      ("", [.apiKey: key]), ("/t/\(key)", [:]), ("", [.authorization: "Bearer \(key)"]),
      ("", [.authorization: "token \(key)"]),
      ("", [.authorization: basic("user:\(key)")]), ("", [.authorization: basic("__token__:\(key)")]),
      ("", [.authorization: basic(":\(key)")]), ("", [.authorization: basic("\(key):")]),
      ("", [.authorization: "bearer \(key)"]),
    ]
  }

  private static func withPrivateChannel(_ body: @Sendable (TestApp) async throws -> Void) async throws {
    try await TestApp.with { app in
      try await app.createChannel("shut", isPrivate: true)
      try await app.createChannel("open")
      #expect(try await app.upload(PackageBuilder(), to: "shut").status == 201)
      try await body(app)
    }
  }

  @Test func opensAPrivateChannelInEveryForm() async throws {
    try await Self.withPrivateChannel { app in
      for (prefix, headers) in Self.forms(try #require(app.keys["owner"])) {
        for path in [
          Self.file, "/get/shut/noarch/demo-1.0-0.conda", "/api/channels/shut",
          "/channels/shut/noarch/repodata.json", "/get/shut",
        ] {
          #expect(
            try await app.send(.get, prefix + path, headers: headers).status == 200,
            "\(prefix)\(path) \(headers)")
          if !path.hasPrefix("/api") {
            #expect(
              try await app.send(.head, prefix + path, headers: headers).status == 200, "\(prefix)\(path)")
          }
        }
      }
    }
  }

  @Test func answers401WithoutAndWithABadKey() async throws {
    try await Self.withPrivateChannel { app in
      let deleted = try await app.createKey(as: "owner")
      #expect(try await app.send(.delete, "/api/api-keys/\(deleted)", as: "owner").status == 200)
      let expired = try await app.createKey(as: "owner", expires: "2001-01-01")
      let none = try await app.send(.get, Self.file)
      expect(none, 401, "Not logged in")
      #expect(none.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
      for key in ["wrong", deleted, expired, "qz-", "null", String(repeating: "x", count: 5000)] {
        for (prefix, headers) in Self.forms(key) {
          expect(
            try await app.send(.get, prefix + Self.file, headers: headers), 401, "Not logged in",
            "\(key.prefix(50)) \(prefix.prefix(50))")
          // A wrong key is no error by itself.
          #expect(
            try await app.send(.get, prefix + "/get/open/noarch/repodata.json", headers: headers).status
              == 200)
        }
      }
    }
  }

  @Test func answers403ToAStrangerAnd404ForNoChannel() async throws {
    try await Self.withPrivateChannel { app in
      for (prefix, headers) in Self.forms(try #require(app.keys["nobody"])) {
        expect(try await app.send(.get, prefix + Self.file, headers: headers), 403, "No permission")
        expect(
          try await app.send(.get, prefix + "/get/None/noarch/repodata.json", headers: headers), 404,
          "Channel None not found")
      }
      expect(try await app.send(.get, "/get/None/noarch/repodata.json"), 404, "Channel None not found")
      try await app.setRole(.member, of: "nobody", in: "shut")
      #expect(try await app.send(.get, Self.file, as: "nobody").status == 200)
    }
  }

  @Test func takesTheHeaderBeforeEverythingElse() async throws {
    try await Self.withPrivateChannel { app in
      let key = try #require(app.keys["owner"])
      expect(try await app.send(.get, "/t/\(key)\(Self.file)", headers: [.apiKey: "wrong"]), 401)
      expect(
        try await app.send(.get, Self.file, headers: [.apiKey: "wrong", .authorization: "Bearer \(key)"]), 401
      )
      expect(try await app.send(.get, "/t/wrong\(Self.file)", headers: [.apiKey: key]), 200)
      expect(
        try await app.send(.get, "/t/wrong\(Self.file)", headers: [.authorization: "Bearer \(key)"]), 401)
      expect(try await app.send(.get, "/t/\(key)\(Self.file)", headers: [.apiKey: ""]), 200)
    }
  }

  @Test func usesPathTokensOnEveryRoute() async throws {
    try await Self.withPrivateChannel { app in
      let key = try #require(app.keys["owner"])
      #expect(try await app.send(.post, "/t/\(key)/api/channels", json: ["name": "made"]).status == 201)
      #expect(try await app.send(.get, "/t/\(key)/api/api-keys").status == 200)
      let bytes = try PackageBuilder().bytes()
      let path = "/t/\(key)/api/channels/made/upload/demo-1.0-0.conda?sha256="
      #expect(try await app.send(.post, path, body: .bytes(.init(bytes: bytes))).status == 201)
      #expect(try await app.send(.delete, "/t/\(key)/api/channels/made").status == 200)
      #expect(try await app.send(.get, "/t/\(key)/health/live").status == 200)
      #expect(try await app.send(.get, "/t/\(key)").status == 404)
    }
  }

  @Test func givesNoRightsToAUserWhoWasDeleted() async throws {
    try await Self.withPrivateChannel { app in
      try await app.setRole(.member, of: "nobody", in: "shut")
      let scoped = try await app.createKey(as: "owner", roles: [["channel": "shut", "role": "member"]])
      #expect(try await app.send(.get, Self.file, as: "nobody").status == 200)
      #expect(try await app.send(.get, Self.file, as: scoped).status == 200)
      for user in ["nobody", "owner"] {
        try await app.metadata.deleteUser(id: try #require(app.userIDs[user]))
      }
      expect(try await app.send(.get, Self.file, as: "nobody"), 401)
      expect(try await app.send(.get, Self.file, as: scoped), 401)
    }
  }

  @Test func noErrorRepeatsAKey() async throws {
    try await Self.withPrivateChannel { app in
      let key = "qz-doNotRepeatMe"
      for path in ["/get/none/x", "/get/shut/x", "/api/nothing", "/get/open/none", "/api/channels/none"] {
        for (prefix, headers) in Self.forms(key) {
          let answer = try await app.send(.get, prefix + path, headers: headers)
          #expect(!answer.text.contains("doNotRepeatMe"), "\(prefix)\(path)")
          #expect(!answer.steadyHeaders.values.contains { $0.contains("doNotRepeatMe") })
        }
      }
    }
  }
}
