import CondaTypes
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

@Suite struct MembersRoutesTests {
  private static func roles(_ value: JSONValue) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: (value.asArray ?? []).compactMap { member in
        guard let name = member["user"]?["username"]?.asString, let role = member["role"]?.asString else {
          return nil
        }
        return (name, role)
      })
  }

  @Test func addReplaceAndRemoveAChannelsMembers() async throws {
    try await TestApp.with { app in
      try await app.createChannel("Lab", isPrivate: true)
      let path = "/api/channels/lab/members"
      let add: JSONValue = ["username": "nobody", "role": "member"]
      #expect(try await app.send(.post, path, as: "owner", json: add).status == 201)
      #expect(try await app.send(.get, "/api/channels/lab", as: "nobody").status == 200)
      let replace: JSONValue = ["username": "nobody", "role": "maintainer"]
      let answer = try await app.send(.post, path, as: "owner", json: replace)
      #expect(answer.status == 201 && answer.text == "null")
      let list = try await app.send(.get, path, as: "nobody")
      #expect(Self.roles(try #require(list.json)) == ["owner": "owner", "nobody": "maintainer"])
      #expect(list.json?.asArray?.first?.keys == ["role", "user"])
      #expect(list.json?.asArray?.first?["user"]?.keys == ["id", "username", "profile"])
      #expect(try await app.json("/api/channels/lab", as: "owner")["members_count"] == 2)
      // A maintainer lists, and changes nothing.
      expect(try await app.send(.post, path, as: "nobody", json: replace), 403, "No permission")
      let remove = path + "?username=nobody"
      expect(try await app.send(.delete, remove, as: "nobody"), 403, "No permission")
      #expect(try await app.send(.delete, remove, as: "owner").text == "null")
      expect(
        try await app.send(.delete, remove, as: "owner"), 404, "user nobody is not a member of channel Lab")
      expect(try await app.send(.get, path, as: "nobody"), 403, "No permission")
      #expect(try await app.json("/api/channels/lab", as: "owner")["members_count"] == 1)
    }
  }

  @Test func areListedToMaintainersOnlyEvenIfTheChannelIsPublic() async throws {
    try await TestApp.with { app in
      try await app.createChannel("open")
      let path = "/api/channels/open/members"
      for (user, role, status) in [
        (nil, nil, 401), ("nobody", nil, 403), ("nobody", .member, 403), ("nobody", .maintainer, 200),
        ("maintainer", nil, 200),
      ] as [(String?, Role?, Int)] {
        if let role { try await app.setRole(role, of: "nobody", in: "open") }
        #expect(try await app.send(.get, path, as: user).status == status)
      }
    }
  }

  @Test func checkInUpstreamsOrder() async throws {
    try await TestApp.with { app in
      try await app.createChannel("open")
      try await app.createChannel("closed", isPrivate: true)
      let path = "/api/channels/open/members"
      let ghost: JSONValue = ["username": "ghost", "role": "member"]
      let known: JSONValue = ["username": "nobody", "role": "member"]
      expect(
        try await app.send(.post, "/api/channels/none/members", json: known), 404, "Channel none not found")
      expect(try await app.send(.post, "/api/channels/closed/members", json: ghost), 401, "Not logged in")
      expect(
        try await app.send(.post, "/api/channels/closed/members", as: "nobody", json: ghost), 403,
        "No permission")
      expect(try await app.send(.post, path, json: ghost), 404, "user ghost not found")
      expect(try await app.send(.post, path, json: known), 401, "Not logged in")
      expect(try await app.send(.delete, path + "?username=ghost"), 404, "user ghost not found")
      expect(try await app.send(.delete, path + "?username=nobody"), 401, "Not logged in")
      for (body, message) in [
        (["username": "nobody"], "Field required"), (["role": "member"], "Field required"),
        (
          ["username": "nobody", "role": "UNDEFINED"], "String should match pattern 'owner|maintainer|member'"
        ),
        (["username": "nobody", "role": .null], "Input should be a valid string"),
      ] as [(JSONValue, String)] {
        let answer = try await app.send(.post, path, json: body)
        #expect(answer.status == 422)
        #expect(answer.messages == [message])
      }
      let missing = try await app.send(.delete, path, as: "owner")
      #expect(missing.status == 422)
      #expect(missing.detail?.asArray?.first?["loc"] == ["query", "username"])
    }
  }

  @Test func leaveKeysPseudoUsersOutOfTheListAndInTheCount() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      _ = try await app.createKey(as: "owner", roles: [["channel": "lab", "role": "member"]])
      #expect(Self.roles(try await app.json("/api/channels/lab/members", as: "owner")) == ["owner": "owner"])
      #expect(try await app.json("/api/channels/lab")["members_count"] == 2)
    }
  }

  @Test func ofPackagesAreAddedOnce() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      let path = "/api/channels/lab/packages/demo/members"
      #expect(Self.roles(try await app.json(path)) == ["owner": "owner"])
      let add: JSONValue = ["username": "nobody", "role": "maintainer"]
      expect(try await app.send(.post, path, json: add), 401, "Not logged in")
      expect(try await app.send(.post, path, as: "nobody", json: add), 403, "No permission")
      #expect(try await app.send(.post, path, as: "owner", json: add).text == "null")
      expect(
        try await app.send(.post, path, as: "owner", json: ["username": "nobody", "role": "owner"]), 409,
        "Member nobody in lab/demo exists")
      #expect(Self.roles(try await app.json(path)) == ["owner": "owner", "nobody": "maintainer"])
      // A maintainer of the package is no owner of it.
      expect(
        try await app.send(.post, path, as: "nobody", json: ["username": "member", "role": "member"]), 403,
        "No permission")
      expect(
        try await app.send(.post, path, as: "owner", json: ["username": "ghost", "role": "member"]), 404,
        "user ghost not found")
      #expect(try await app.send(.post, path, as: "owner", json: ["username": "member"]).status == 422)
      expect(
        try await app.send(.get, "/api/channels/lab/packages/zz/members"), 404, "Package lab/zz not found")
    }
  }
}
