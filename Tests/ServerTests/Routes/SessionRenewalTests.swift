import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

/// A session that is used goes on.
@Suite struct SessionRenewalTests {
  private static let start: TimeInterval = 1_795_332_792
  private static let day: TimeInterval = 86_400

  private static func with(_ body: @Sendable (TestApp, TestClock) async throws -> Void) async throws {
    let clock = TestClock(start)
    try await TestApp.with(development: true, now: { clock.date }) { app in try await body(app, clock) }
  }

  private static func login(_ app: TestApp, _ user: String = "member") async throws -> HTTPFields {
    let answer = try await app.send(.get, "/api/dummylogin/\(user)")
    return try #require(cookie(of: answer))
  }

  /// The cookie that an answer brings, as a browser sends it back.
  private static func cookie(of answer: Answer) -> HTTPFields? {
    answer.headers[.setCookie].map { [.cookie: String($0.prefix { $0 != ";" })] }
  }

  private static func maxAge(of answer: Answer) -> String? {
    answer.headers[.setCookie]?.split(separator: ";").map { $0.drop { $0 == " " } }
      .first { $0.hasPrefix("Max-Age=") }.map { String($0.dropFirst(8)) }
  }

  @Test func bringsANewCookieOnceADay() async throws {
    try await Self.with { app, clock in
      let first = try await Self.login(app)
      clock.advance(Self.day - 1)
      #expect(try await app.send(.get, "/api/me", headers: first).headers[.setCookie] == nil)
      clock.advance(1)
      let renewing = try await app.send(.get, "/api/me", headers: first)
      #expect(renewing.status == 200)
      #expect(renewing.headers[.cacheControl] == "no-store")
      #expect(
        renewing.headers[.setCookie]?.hasSuffix("; path=/; Max-Age=1209600; httponly; samesite=lax") == true)
      let second = try #require(Self.cookie(of: renewing))
      #expect(second != first)
      #expect(try await app.send(.get, "/api/me", headers: second).headers[.setCookie] == nil)
    }
  }

  @Test func lastsAsLongAsItIsUsed() async throws {
    try await Self.with { app, clock in
      var cookie = try await Self.login(app)
      for _ in 0..<6 {
        clock.advance(13 * Self.day)
        let answer = try await app.send(.get, "/api/me", headers: cookie)
        #expect(answer.status == 200)
        cookie = try #require(Self.cookie(of: answer))
      }
      clock.advance(14 * Self.day)
      #expect(try await app.send(.get, "/api/me", headers: cookie).status == 401)
    }
  }

  @Test func endsNinetyDaysAfterTheLogin() async throws {
    try await Self.with { app, clock in
      var cookie = try await Self.login(app)
      var maxAges: [String?] = []
      for _ in 0..<8 {
        clock.advance(11 * Self.day)
        let answer = try await app.send(.get, "/api/me", headers: cookie)
        maxAges.append(Self.maxAge(of: answer))
        cookie = try #require(Self.cookie(of: answer))
      }
      // Day 77: thirteen are left; day 88: two.
      #expect(maxAges.suffix(3) == ["1209600", "1123200", "172800"])
      clock.advance(2 * Self.day - 1)
      #expect(try await app.send(.get, "/api/me", headers: cookie).status == 200)
      clock.advance(1)
      let over = try await app.send(.get, "/api/me", headers: cookie)
      #expect(over.status == 401 && over.headers[.setCookie] == nil)
    }
  }

  @Test func outlivesTheLoginsOfOthers() async throws {
    try await Self.with { app, clock in
      var cookie = try await Self.login(app)
      for _ in 0..<3 {
        clock.advance(10 * Self.day)
        // A login drops the rows that are too old to count.
        _ = try await Self.login(app, "nobody")
        let answer = try await app.send(.get, "/api/me", headers: cookie)
        #expect(answer.status == 200)
        cookie = try #require(Self.cookie(of: answer))
      }
    }
  }

  @Test func neverComesWithWhatCachesMayKeepOrWithAnError() async throws {
    try await Self.with { app, clock in
      try await app.createChannel("open")
      #expect(try await app.upload(PackageBuilder(), to: "open").status == 201)
      try await app.settle("open")
      let cookie = try await Self.login(app)
      clock.advance(2 * Self.day)
      for path in [
        "/get/open/", "/get/open/channeldata.json", "/get/open/noarch/repodata.json",
        "/get/open/noarch/repodata_shards.msgpack.zst", "/get/open/noarch/\(PackageBuilder().fileName)",
        "/get/open/noarch/none-1-0.conda", "/openapi.json", "/docs", "/api/channels/none",
        "/api/jobs?limit=x",
      ] {
        for _ in 0..<2 {
          let answer = try await app.send(.get, path, headers: cookie)
          #expect(answer.headers[.setCookie] == nil, "\(path)")
        }
      }
      #expect(try await app.send(.post, "/api/channels", headers: cookie).headers[.setCookie] == nil)
      for path in ["/api/channels", "/api/channels/open", "/health/live"] {
        #expect(try await app.send(.get, path, headers: cookie).headers[.setCookie] != nil, "\(path)")
      }
    }
  }

  @Test func isNotForThoseWhoShowAKey() async throws {
    try await Self.with { app, clock in
      var headers = try await Self.login(app)
      clock.advance(2 * Self.day)
      headers[.apiKey] = app.keys["member"]
      #expect(try await app.send(.get, "/api/channels", headers: headers).headers[.setCookie] == nil)
      headers[.apiKey] = "wrong"
      #expect(try await app.send(.get, "/api/channels", headers: headers).headers[.setCookie] == nil)
    }
  }

  @Test func leavesEndedSessionsEnded() async throws {
    try await Self.with { app, clock in
      let site = try #require(HTTPField.Name("Sec-Fetch-Site"))
      var (loggedOut, everywhere) = (try await Self.login(app), try await Self.login(app))
      var deleted = try await Self.login(app, "nobody")
      clock.advance(2 * Self.day)
      let logout = try await app.send(.get, "/auth/logout", headers: loggedOut)
      #expect(Self.maxAge(of: logout) == "0")
      everywhere[site] = "same-origin"
      #expect(Self.maxAge(of: try await app.send(.delete, "/api/sessions", headers: everywhere)) == "0")
      deleted[site] = "same-origin"
      let farewell = try await app.send(.delete, "/api/users/nobody", headers: deleted)
      #expect(farewell.status == 200 && farewell.headers[.setCookie] == nil)
      for cookie in [loggedOut, everywhere, deleted] {
        #expect(try await app.send(.get, "/api/channels", headers: cookie).headers[.setCookie] == nil)
        #expect(try await app.send(.get, "/api/me", headers: cookie).status == 401)
      }
    }
  }

  @Test func writesNothing() async throws {
    try await Self.with { app, clock in
      let cookie = try await Self.login(app)
      clock.advance(2 * Self.day)
      // The server itself writes from time to time, but not during each of these.
      var writesNothing = false
      for _ in 0..<20 where !writesNothing {
        let before = (app.metadata.changeCount, app.metadata.accessCount)
        #expect(try await app.send(.get, "/api/me", headers: cookie).headers[.setCookie] != nil)
        writesNothing = (app.metadata.changeCount, app.metadata.accessCount) == before
      }
      #expect(writesNothing)
    }
  }
}
