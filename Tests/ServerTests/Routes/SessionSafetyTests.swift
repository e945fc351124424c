import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

/// What a session may not be used for, and how it ends.
@Suite struct SessionSafetyTests {
  private static func login(_ app: TestApp, _ user: String, _ headers: HTTPFields = [:]) async throws
    -> HTTPFields
  {
    let answer = try await app.send(.get, "/api/dummylogin/\(user)", headers: headers)
    let cookie = try #require(answer.headers[.setCookie])
    return [.cookie: String(cookie.prefix { $0 != ";" })]
  }

  private static func name(_ text: String) throws -> HTTPField.Name { try #require(HTTPField.Name(text)) }

  @Test func changesNothingWithoutASameOriginProof() async throws {
    try await TestApp.with(development: true) { app in
      let cookie = try await Self.login(app, "owner")
      let site = try Self.name("Sec-Fetch-Site")
      let origin = try Self.name("Origin")
      let attempts: [(HTTPFields, Int)] = [
        ([:], 403), ([site: "cross-site"], 403), ([site: "same-site"], 403), ([site: "none"], 403),
        ([origin: "https://evil.example"], 403), ([origin: "null"], 403),
        ([origin: app.baseURL + ".evil.example"], 403),
        // Fetch Metadata wins: no page can set it.
        ([site: "cross-site", origin: app.baseURL], 403),
        ([site: "same-origin"], 201), ([origin: app.baseURL], 201),
      ]
      for (number, (proof, status)) in attempts.enumerated() {
        var headers = cookie
        for field in proof { headers.append(field) }
        let answer = try await app.send(
          .post, "/api/channels", headers: headers, body: .text("{\"name\":\"c\(number)\"}"))
        #expect(answer.status == status, "\(proof): \(answer.text)")
        #expect(try await app.metadata.channel(named: "c\(number)") != nil || status == 403)
        if status == 403 {
          #expect(answer.headers[try Self.name("X-Error-Code")] == "cross_site_request")
          #expect(try await app.metadata.channel(named: "c\(number)") == nil)
        }
      }
      // A key is no cookie: no browser sends it by itself.
      #expect(try await app.createChannel("by-key").status == 201)
    }
  }

  @Test func isRotatedAtLogin() async throws {
    try await TestApp.with(development: true) { app in
      let first = try await Self.login(app, "member")
      let second = try await Self.login(app, "owner", first)
      #expect(first != second)
      #expect(try await app.send(.get, "/api/me", headers: first).status == 401)
      #expect(try await app.send(.get, "/api/me", headers: second).status == 200)
    }
  }

  @Test func endsOnTheServerAtLogout() async throws {
    try await TestApp.with(development: true) { app in
      let cookie = try await Self.login(app, "member")
      let other = try await Self.login(app, "member")
      #expect(try await app.send(.get, "/auth/logout", headers: cookie).status == 307)
      #expect(try await app.send(.get, "/api/me", headers: cookie).status == 401)
      #expect(try await app.send(.get, "/api/me", headers: other).status == 200)
    }
  }

  @Test func endsEverywhereOnDemand() async throws {
    try await TestApp.with(development: true) { app in
      let cookies = [try await Self.login(app, "member"), try await Self.login(app, "member")]
      let stranger = try await Self.login(app, "nobody")
      #expect(try await app.send(.delete, "/api/sessions").status == 401)
      #expect(try await app.send(.delete, "/api/sessions", headers: cookies[0]).status == 403)
      #expect(try await app.send(.delete, "/api/sessions", as: "member").status == 200)
      for cookie in cookies { #expect(try await app.send(.get, "/api/me", headers: cookie).status == 401) }
      #expect(try await app.send(.get, "/api/me", headers: stranger).status == 200)
    }
  }

  @Test func answersTooManyBadKeysWith429ButNeverHidesPublicData() async throws {
    let clock = TestClock(1_795_332_792)
    try await TestApp.with(now: { clock.date }) { app in
      try await app.createChannel("open")
      try await app.createChannel("shut", isPrivate: true)
      let good = try #require(app.keys["owner"])
      for _ in 0..<100 {
        #expect(try await app.send(.get, "/get/shut/noarch/repodata.json", as: "bad").status == 401)
      }
      let limited = try await app.send(.get, "/get/shut/noarch/repodata.json", as: "bad")
      #expect(limited.status == 429)
      #expect(limited.headers[.retryAfter] == "300")
      #expect(try await app.send(.get, "/get/open/noarch/repodata.json", as: "bad").status == 200)
      #expect(try await app.send(.get, "/get/shut/noarch/repodata.json", as: good).status == 200)
      #expect(try await app.send(.get, "/get/shut/noarch/repodata.json").status == 401)
      clock.advance(301)
      #expect(try await app.send(.get, "/get/shut/noarch/repodata.json", as: "bad").status == 401)
    }
  }

  @Test func sendsPagesWithSecurityHeaders() async throws {
    try await TestApp.with { app in
      try await app.createChannel("open")
      let page = try await app.send(.get, "/get/open/noarch/")
      #expect(page.status == 200)
      #expect(page.headers[.contentSecurityPolicy]?.hasPrefix("default-src 'none'") == true)
      #expect(page.headers[.xContentTypeOptions] == "nosniff")
      #expect(page.headers[try Self.name("Referrer-Policy")] == "no-referrer")
      #expect(page.headers[try Self.name("X-Frame-Options")] == "DENY")
    }
  }
}
