import CondaTypes
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

@Suite struct UsersRoutesTests {
  private static func names(_ value: JSONValue?) -> [String] {
    (value?.asArray ?? []).compactMap { $0["username"]?.asString }
  }

  @Test func listsEverybodyToElevatedUsersAndOthersOnlyThemselves() async throws {
    try await TestApp.with { app in
      expect(try await app.send(.get, "/api/users"), 401, "Not logged in")
      expect(try await app.send(.get, "/api/paginated/users"), 401, "Not logged in")
      let all = ["maintainer", "member", "nobody", "owner"]
      let expected: [(String, String, [String])] = [
        ("owner", "", all), ("maintainer", "", all), ("member", "", ["member"]), ("nobody", "", ["nobody"]),
        ("owner", "?q=M", ["maintainer", "member"]), ("owner", "?q=%25", []), ("member", "?q=own", []),
      ]
      for (user, query, names) in expected {
        #expect(Self.names(try await app.json("/api/users\(query)", as: user)) == names, "\(user) \(query)")
        let page = try await app.json("/api/paginated/users\(query)", as: user)
        #expect(Self.names(page["result"]) == names)
        #expect(page["pagination"]?["all_records_count"]?.asInteger == Int64(names.count))
      }
      let page = try await app.json("/api/paginated/users?skip=1&limit=2", as: "owner")
      #expect(Self.names(page["result"]) == ["member", "nobody"])
      #expect(Self.names(try await app.json("/api/paginated/users?skip=4", as: "owner")["result"]) == [])
      #expect(try await app.send(.get, "/api/paginated/users?limit=x", as: "owner").status == 422)
    }
  }

  @Test func showsAUserToItselfAndToElevatedUsers() async throws {
    try await TestApp.with { app in
      let path = "/api/users/member"
      let answer = try await app.send(.get, path, as: "member")
      #expect(answer.status == 200)
      #expect(answer.json?.keys == ["id", "username", "profile"])
      #expect(answer.json?["profile"] == ["name": "Member", "avatar_url": "/avatar.jpg"])
      #expect(try await app.send(.get, path, as: "maintainer").status == 200)
      expect(try await app.send(.get, path), 401, "Not logged in")
      expect(
        try await app.send(.get, path, as: "nobody"), 403,
        ["this operation requires owner or maintainer roles"])
      for user in [nil, "nobody", "owner"] {
        expect(try await app.send(.get, "/api/users/ghost", as: user), 404, "User ghost not found")
      }
    }
  }

  /// (role now, role wanted) to the status for a maintainer of the server; owners may all.
  @Test(
    arguments: [
      (nil, Role.member, 200), (.member, nil, 200), (nil, .maintainer, 403), (.member, .owner, 403),
      (.owner, .member, 403), (.owner, nil, 403), (.maintainer, nil, 403), (.maintainer, .member, 403),
      (nil, nil, 200),
    ] as [(Role?, Role?, Int)])
  func givesRolesOnlyWithinOnesOwnReach(now: Role?, wanted: Role?, status: Int) async throws {
    try await TestApp.with { app in
      let id = try #require(app.userIDs["nobody"])
      try await app.metadata.setRole(of: id, to: now)
      let path = "/api/users/nobody/role"
      let body: JSONValue = ["role": wanted.map { .string($0.rawValue) } ?? .null]
      expect(try await app.send(.put, path, json: body), 401, "Not logged in")
      #expect(try await app.send(.put, path, as: "member", json: body).status == 403)
      #expect(try await app.metadata.user(id: id)?.role == now)
      let answer = try await app.send(.put, path, as: "maintainer", json: body)
      #expect(answer.status == status, "\(answer.text)")
      if status == 403 { #expect(answer.detail == ["this operation requires owner roles"]) }
      #expect(try await app.send(.put, path, as: "owner", json: body).text == "null")
      #expect(
        try await app.json(path, as: "nobody") == ["role": wanted.map { .string($0.rawValue) } ?? .null])
    }
  }

  @Test(arguments: ["coowner2", "Owner", "", "owner|maintainer|member"])
  func refusesWordsThatAreNoRole(word: String) async throws {
    try await TestApp.with { app in
      for user in [nil, "owner"] {
        let answer = try await app.send(
          .put, "/api/users/nobody/role", as: user, json: ["role": .string(word)])
        #expect(answer.status == 422)
        #expect(answer.messages == ["String should match pattern 'owner|maintainer|member'"])
      }
    }
  }

  @Test func takesAMissingRoleForNone() async throws {
    try await TestApp.with { app in
      #expect(try await app.send(.put, "/api/users/member/role", as: "owner", json: [:]).status == 200)
      #expect(try await app.json("/api/users/member/role", as: "member") == ["role": .null])
      expect(
        try await app.send(.put, "/api/users/ghost/role", as: "owner", json: [:]), 404, "User ghost not found"
      )
      #expect(try await app.send(.put, "/api/users/member/role", as: "owner").status == 422)
    }
  }

  @Test func endsAnAccountWithItsKeysSessionsAndMemberships() async throws {
    try await TestApp.with(development: true) { app in
      try await app.createChannel("lab")
      try await app.setRole(.owner, of: "nobody", in: "lab")
      #expect(try await app.upload(PackageBuilder(), to: "lab", as: "nobody").status == 201)
      let login = try await app.send(.get, "/api/dummylogin/nobody")
      let cookie = try #require(login.headers[.setCookie]?.split(separator: ";").first.map(String.init))
      #expect(try await app.send(.get, "/api/me", headers: [.cookie: cookie]).status == 200)
      let path = "/api/users/nobody"
      expect(try await app.send(.delete, path), 401, "Not logged in")
      #expect(try await app.send(.delete, path, as: "member").status == 403)
      #expect(try await app.send(.delete, path, as: "nobody").text == "null")
      expect(try await app.send(.get, "/api/me", headers: [.cookie: cookie]), 401, "Not logged in")
      expect(try await app.send(.get, "/api/users", as: "nobody"), 401, "Not logged in")
      expect(try await app.send(.get, path, as: "owner"), 404, "User nobody not found")
      expect(try await app.send(.delete, path, as: "owner"), 404, "User nobody not found")
      // The row stays, and lists that mention the user still work.
      #expect(try await app.json(path + "/role", as: "owner") == ["role": .null])
      let versions = try await app.json("/api/channels/lab/packages/demo/versions").asArray ?? []
      #expect(versions.map { $0["uploader"] } == [["name": .null, "avatar_url": ""]])
      let members = try await app.json("/api/channels/lab/members", as: "owner").asArray ?? []
      #expect(members.compactMap { $0["user"]?["username"]?.asString } == ["owner"])
      #expect(try await app.json("/api/channels/lab")["members_count"] == 1)
    }
  }

  @Test func doesNotLetMaintainersDeleteOwners() async throws {
    try await TestApp.with { app async throws in
      #expect(try await app.send(.delete, "/api/users/owner", as: "maintainer").status == 403)
      #expect(try await app.send(.delete, "/api/users/member", as: "maintainer").status == 200)
      #expect(try await app.send(.delete, "/api/users/maintainer", as: "maintainer").status == 200)
    }
  }

  @Test func listsWhatAUserHasRolesIn() async throws {
    try await TestApp.with { app in
      for name in ["b", "a"] { try await app.createChannel(name, as: "member") }
      try await app.setRole(.maintainer, of: "nobody", in: "a")
      #expect(try await app.upload(PackageBuilder(), to: "a", as: "nobody").status == 201)
      #expect(
        try await app.json("/api/users/member/channels", as: "member") == [
          ["name": "a", "role": "owner"], ["name": "b", "role": "owner"],
        ])
      #expect(
        try await app.json("/api/users/nobody/packages", as: "owner") == [
          ["name": "demo", "channel_name": "a", "role": "owner"]
        ])
      let page = try await app.json("/api/paginated/users/member/channels?skip=1&limit=5", as: "member")
      #expect(page["result"] == [["name": "b", "role": "owner"]])
      #expect(page["pagination"] == ["skip": 1, "limit": 5, "all_records_count": 2])
      let packages = try await app.json("/api/paginated/users/nobody/packages?limit=0", as: "nobody")
      #expect(packages == ["pagination": ["skip": 0, "limit": 0, "all_records_count": 1], "result": []])
      for path in ["/api/users/member/channels", "/api/paginated/users/member/packages"] {
        expect(try await app.send(.get, path), 401, "Not logged in")
        #expect(try await app.send(.get, path, as: "nobody").status == 403)
        #expect(
          try await app.send(.get, path.replacing("member/", with: "ghost/"), as: "owner").status == 404)
      }
    }
  }
}
