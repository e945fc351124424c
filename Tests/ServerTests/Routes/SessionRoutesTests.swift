import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import NIOCore
import Server
import TestSupport
import Testing

@Suite struct SessionRoutesTests {
  /// Logs in without a password and returns the cookie as a browser sends it back.
  private static func login(_ app: TestApp, _ user: String) async throws -> HTTPFields {
    let answer = try await app.send(.get, "/api/dummylogin/\(user)")
    #expect(answer.status == 307)
    #expect(answer.headers[.location] == "/")
    let cookie = try #require(answer.headers[.setCookie])
    return [.cookie: String(cookie.prefix { $0 != ";" })]
  }

  @Test func logsInWithoutAPasswordInDevelopmentOnly() async throws {
    try await TestApp.with(development: true) { app in
      let cookie = try await Self.login(app, "member")
      #expect(try await app.send(.get, "/api/me", headers: cookie).status == 200)
      expect(try await app.send(.get, "/api/dummylogin/none"), 404, "User 'none' not found")
    }
    try await TestApp.with { app in
      for user in ["owner", "none"] {
        let answer = try await app.send(.get, "/api/dummylogin/\(user)")
        expect(answer, 404, "Not Found")
        #expect(answer.headers[.setCookie] == nil)
      }
    }
  }

  @Test func showsTheUserInExactlyUpstreamsFields() async throws {
    try await TestApp.with(development: true) { app in
      let me = try await app.send(.get, "/api/me", headers: try await Self.login(app, "member"))
      let id = try #require(app.userIDs["member"]).uuidString.lowercased()
      #expect(
        me.json == [
          "name": "Member", "avatar_url": "/avatar.jpg", "user": ["id": .string(id), "username": "member"],
        ])
    }
  }

  @Test func isForSessionsOnly() async throws {
    try await TestApp.with(development: true) { app in
      expect(try await app.send(.get, "/api/me"), 401, "Not logged in")
      expect(try await app.send(.get, "/api/me", as: "owner"), 401, "Not logged in")
      let tampered: HTTPFields = [.cookie: "session=eyJ1c2VyIjoieCJ9.AAAA"]
      expect(try await app.send(.get, "/api/me", headers: tampered), 401, "Not logged in")
    }
  }

  @Test func givesTheUsersRights() async throws {
    try await TestApp.with(development: true) { app in
      try await app.createChannel("shut", isPrivate: true)
      let (owner, nobody) = (try await Self.login(app, "owner"), try await Self.login(app, "nobody"))
      #expect(try await app.send(.get, "/get/shut/noarch/repodata.json", headers: owner).status == 200)
      expect(
        try await app.send(.get, "/get/shut/noarch/repodata.json", headers: nobody), 403, "No permission")
      #expect(try await app.send(.get, "/api/api-keys", headers: owner).status == 200)
    }
  }

  @Test func yieldsToAKey() async throws {
    try await TestApp.with(development: true) { app in
      try await app.createChannel("shut", isPrivate: true)
      var headers = try await Self.login(app, "owner")
      headers[.apiKey] = "wrong"
      expect(try await app.send(.get, "/api/channels/shut", headers: headers), 401, "Not logged in")
      headers[.apiKey] = app.keys["nobody"]
      expect(try await app.send(.get, "/api/channels/shut", headers: headers), 403, "No permission")
      headers[.apiKey] = ""
      expect(try await app.send(.get, "/api/channels/shut", headers: headers), 200)
    }
  }

  @Test func endsAfterFourteenDays() async throws {
    let clock = TestClock(1_795_332_792)
    try await TestApp.with(development: true, now: { clock.date }) { app in
      let cookie = try await Self.login(app, "owner")
      clock.advance(14 * 86_400 - 1)
      #expect(try await app.send(.get, "/api/me", headers: cookie).status == 200)
      clock.advance(1)
      #expect(try await app.send(.get, "/api/me", headers: cookie).status == 401)
    }
  }

  @Test func endsWithTheUser() async throws {
    try await TestApp.with(development: true) { app in
      let cookie = try await Self.login(app, "member")
      try await app.metadata.deleteUser(id: try #require(app.userIDs["member"]))
      expect(try await app.send(.get, "/api/me", headers: cookie), 401, "Not logged in")
      expect(try await app.send(.get, "/api/api-keys", headers: cookie), 401, "Not logged in")
      expect(try await app.send(.get, "/api/dummylogin/member"), 404, "User 'member' not found")
    }
  }

  @Test func logsOut() async throws {
    try await TestApp.with { app in
      for method in [HTTPRequest.Method.get, .head] {
        let answer = try await app.send(method, "/auth/logout")
        #expect(answer.status == 307)
        #expect(answer.headers[.location] == "/")
        #expect(answer.headers[.setCookie] == "session=null; path=/; Max-Age=0; httponly; samesite=lax")
      }
    }
  }

  @Test func isOfNoUseInAnotherDeployment() async throws {
    let cookie = try await TestApp.with(development: true) { app in try await Self.login(app, "owner") }
    try await TestApp.with { app in
      expect(try await app.send(.get, "/api/me", headers: cookie), 401, "Not logged in")
    }
  }
}
