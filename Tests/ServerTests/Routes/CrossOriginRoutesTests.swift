import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import TestSupport
import Testing

/// `[cors]`: what pages of other servers may do.
@Suite struct CrossOriginRoutesTests {
  private static let some = """
    [cors]
    allow_origins = ["https://ui.example.org", "http://localhost:3000"]
    """
  private static let page = "https://ui.example.org"

  private static func preflight(
    _ app: TestApp, _ path: String = "/api/channels", from origin: String = page, method: String = "POST",
    headers: String? = nil
  ) async throws -> Answer {
    var fields: HTTPFields = [.origin: origin, .accessControlRequestMethod: method]
    fields[.accessControlRequestHeaders] = headers
    return try await app.send(.options, path, headers: fields)
  }

  @Test func isOffWithoutTheSection() async throws {
    for toml in ["", "[cors]\nallow_origins = []\n"] {
      try await TestApp.with(toml: toml) { app in
        let answer = try await app.send(.get, "/api/channels", headers: [.origin: Self.page])
        #expect(answer.status == 200)
        #expect(answer.headers[.accessControlAllowOrigin] == nil && answer.headers[.vary] == nil)
        #expect(try await Self.preflight(app).status == 405)
      }
    }
  }

  @Test func answersPreflightsAsUpstreamDoes() async throws {
    try await TestApp.with(toml: Self.some) { app in
      let answer = try await Self.preflight(app, headers: "X-API-Key, Content-Type")
      #expect(answer.status == 200 && answer.text == "OK")
      #expect(answer.headers[.accessControlAllowOrigin] == Self.page)
      #expect(answer.headers[.accessControlAllowCredentials] == "true")
      #expect(answer.headers[.accessControlAllowMethods] == "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")
      #expect(answer.headers[.accessControlAllowHeaders] == "X-API-Key, Content-Type")
      #expect(answer.headers[.accessControlMaxAge] == "600")
      #expect(answer.headers[.vary] == "Origin")
      // Before anything about the path is said, also behind a key.
      #expect(try await Self.preflight(app, "/t/key/api/channels/none").status == 200)
      for origin in [
        "https://evil.example", "https://ui.example.org.evil.example", "null", "http://ui.example.org",
      ] {
        let refused = try await Self.preflight(app, from: origin)
        #expect(refused.status == 400 && refused.text == "Disallowed CORS origin", "\(origin)")
        #expect(refused.headers[.accessControlAllowOrigin] == nil)
      }
      // Without these headers it is a request like any other.
      #expect(try await app.send(.options, "/api/channels").status == 405)
    }
  }

  @Test func everyAnswerSaysWhoMayReadIt() async throws {
    try await TestApp.with(toml: Self.some) { app in
      try await app.createChannel("open")
      try await app.settle("open")
      for path in ["/api/channels", "/get/open/noarch/repodata.json", "/api/channels/none", "/openapi.json"] {
        // Twice: the second one would come from memory.
        for _ in 0..<2 {
          let own = try await app.send(.get, path)
          #expect(own.headers[.accessControlAllowOrigin] == nil && own.headers[.vary] == "Origin", "\(path)")
          let answer = try await app.send(.get, path, headers: [.origin: Self.page])
          #expect(answer.status == own.status && answer.body.count == own.body.count)
          #expect(answer.headers[.accessControlAllowOrigin] == Self.page, "\(path)")
          #expect(answer.headers[.accessControlAllowCredentials] == "true")
          let foreign = try await app.send(.get, path, headers: [.origin: "https://evil.example"])
          #expect(foreign.status == own.status && foreign.headers[.accessControlAllowOrigin] == nil)
        }
      }
    }
  }

  @Test func everyOriginMayWithoutCookies() async throws {
    try await TestApp.with(toml: "[cors]\nallow_origins = [\"*\"]\n") { app in
      let answer = try await app.send(
        .get, "/api/channels", headers: [.origin: "https://any.example", .cookie: "session=x"])
      #expect(answer.headers[.accessControlAllowOrigin] == "*")
      #expect(answer.headers[.accessControlAllowCredentials] == nil)
      let preflight = try await Self.preflight(app, from: "https://any.example")
      #expect(preflight.status == 200 && preflight.headers[.accessControlAllowOrigin] == "*")
    }
  }

  @Test func namesMethodsAndHeadersWhereTheyAreLimited() async throws {
    let toml =
      Self.some + "\nallow_methods = [\"GET\"]\nallow_headers = [\"X-API-Key\"]\nallow_credentials = false\n"
    try await TestApp.with(toml: toml) { app in
      let good = try await Self.preflight(app, method: "GET", headers: "x-api-key,content-type")
      #expect(good.status == 200)
      #expect(good.headers[.accessControlAllowMethods] == "GET")
      #expect(good.headers[.accessControlAllowHeaders] == "x-api-key")
      #expect(good.headers[.accessControlAllowCredentials] == nil)
      let bad = try await Self.preflight(app, method: "PUT", headers: "x-evil")
      #expect(bad.status == 400 && bad.text == "Disallowed CORS method, headers")
    }
  }

  /// A page that may read here may still change nothing with somebody's cookie.
  @Test func aSessionStillNeedsASameOriginProof() async throws {
    try await TestApp.with(development: true, toml: Self.some) { app in
      let login = try await app.send(.get, "/api/dummylogin/member")
      let cookie = try #require(login.headers[.setCookie]).prefix { $0 != ";" }
      let answer = try await app.send(
        .post, "/api/channels", headers: [.cookie: String(cookie), .origin: Self.page],
        body: .text(#"{"name":"theirs"}"#))
      #expect(answer.status == 403)
      #expect(try await app.metadata.channel(named: "theirs") == nil)
    }
  }
}
