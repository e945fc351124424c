import CondaTypes
import CurlHTTP
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

@Suite struct ChannelsRoutesTests {
  static let fields: Set<String> = [
    "name", "description", "private", "size_limit", "ttl", "mirror_channel_url", "mirror_mode",
    "members_count",
    "packages_count",
  ]

  @Test func showsAChannelInExactlyUpstreamsFields() async throws {
    try await TestApp.with { app in
      let body: JSONValue = ["name": "lab", "description": "A lab", "private": false]
      let created = try await app.send(.post, "/api/channels", as: "member", json: body)
      #expect(created.status == 201)
      #expect(created.text == "null")
      #expect(created.headers[.contentType] == "application/json")
      let answer = try await app.send(.get, "/api/channels/lab")
      #expect(answer.status == 200)
      #expect(
        answer.json == [
          "name": "lab", "description": "A lab", "private": false, "size_limit": .null, "ttl": 36_000,
          "mirror_channel_url": .null, "mirror_mode": .null, "members_count": 1, "packages_count": 0,
        ])
      #expect(try await app.upload(PackageBuilder(), to: "lab", as: "owner").status == 201)
      #expect(try await app.json("/api/channels/lab")["packages_count"] == 1)
    }
  }

  @Test func isPrivateUnlessToldOtherwise() async throws {
    try await TestApp.with { app in
      #expect(try await app.send(.post, "/api/channels", as: "member", json: ["name": "lab"]).status == 201)
      #expect(try await app.json("/api/channels/lab", as: "member")["private"] == true)
      expect(try await app.send(.get, "/api/channels/lab"), 401, "Not logged in")
      expect(try await app.send(.get, "/api/channels/lab", as: "nobody"), 403, "No permission")
      #expect(try await app.send(.get, "/api/channels/lab", as: "maintainer").status == 200)
    }
  }

  @Test func makesTheCallerItsOwner() async throws {
    try await TestApp.with { app async throws in
      #expect(try await app.send(.post, "/api/channels", as: "member", json: ["name": "lab"]).status == 201)
      #expect(try await app.upload(PackageBuilder(), to: "lab", as: "member").status == 201)
      #expect(try await app.upload(PackageBuilder(), to: "lab", as: "member", force: true).status == 201)
      #expect(try await app.send(.delete, "/api/channels/lab", as: "member").status == 200)
    }
  }

  static let refusals: [(String, String?, Int, JSONValue)] = [
    (#"{"name":"lab"}"#, nil, 401, "Not logged in"),
    (#"{"name":"TAKEN"}"#, nil, 401, "Not logged in"),
    (#"{"name":"TAKEN"}"#, "nobody", 409, "Channel TAKEN exists"),
    (#"{"name":"taken","size_limit":1}"#, "member", 409, "Channel taken exists"),
    (#"{"name":"lab"}"#, "nobody", 403, ["this operation requires owner or maintainer or member roles"]),
    (
      #"{"name":"a_b","size_limit":1}"#, "nobody", 403,
      ["this operation requires owner or maintainer or member roles"]
    ),
    (
      #"{"name":"a_b","size_limit":null}"#, "member", 403,
      ["only server maintainer or owner can set channel size limit"]
    ),
    (#"{"name":"a_b"}"#, "member", 422, "_ should not be used in channel name"),
    (#"{"name":"é"}"#, "member", 422, "only ASCII characters should be used in channel name"),
  ]

  @Test(arguments: refusals)
  func checksInUpstreamsOrder(body: String, user: String?, status: Int, detail: JSONValue) async throws {
    try await TestApp.with { app in
      try await app.createChannel("taken")
      expect(try await app.send(.post, "/api/channels", as: user, body: .text(body)), status, detail)
      #expect(try await app.metadata.allChannels().count == 1)
    }
  }

  @Test(arguments: [
    "", " ", "..", ".", "a..b", "-a", ".a", "a b", "a/b", "../x", "a\u{0}b", "a\nb", "%2e%2e", "a?b", "a:b",
  ])
  func refusesNamesThatAreNoFolder(name: String) async throws {
    try await TestApp.with { app in
      let answer = try await app.send(.post, "/api/channels", as: "owner", json: ["name": .string(name)])
      #expect(answer.status == 422, "\(answer.text)")
      #expect(answer.detail?.asString != nil)
      #expect(try await app.metadata.allChannels().isEmpty)
    }
  }

  @Test(arguments: ["a", "A", "9", "my-channel", "conda.forge", "X.Y-z.1", String(repeating: "a", count: 50)])
  func acceptsGoodNames(name: String) async throws {
    try await TestApp.with { app async throws in
      #expect(try await app.createChannel(name).status == 201)
      #expect(try await app.json("/api/channels/\(name.lowercased())")["name"] == .string(name))
      #expect(try await app.createChannel(name.uppercased()).status == 409)
    }
  }

  @Test(arguments: [
    ("", "Field required"), ("{", "JSON decode error"),
    ("[]", "Input should be a valid dictionary or object to extract fields from"),
    ("{}", "Field required"), (#"{"name":1}"#, "Input should be a valid string"),
    (#"{"name":null}"#, "Input should be a valid string"),
    (#"{"name":"a","private":"maybe"}"#, "Input should be a valid boolean, unable to interpret input"),
    (#"{"name":"a","description":5}"#, "Input should be a valid string"),
    (#"{"name":"a","ttl":"x"}"#, "Input should be a valid integer, unable to parse string as an integer"),
    (#"{"name":"a","ttl":-1}"#, "Input should be greater than or equal to 0"),
    (#"{"name":"a","size_limit":-1}"#, "Input should be greater than or equal to 0"),
    (#"{"name":"a","mirror_mode":"zzz"}"#, "Input should be 'proxy' or 'mirror'"),
    (
      #"{"name":"a","mirror_mode":"proxy"}"#,
      "Value error, 'mirror_mode' provided but 'mirror_channel_url' is undefined"
    ),
    (
      #"{"name":"a","mirror_channel_url":"https://x.example.org"}"#,
      "Value error, 'mirror_channel_url' provided but 'mirror_mode' is undefined"
    ),
    (
      #"{"name":"a","mirror_mode":"proxy","mirror_channel_url":"ftp://x.example.org"}"#,
      "String should match pattern '^(http|https)://.+'"
    ),
    (#"{"name":"a","actions":"reindex"}"#, "Input should be a valid list"),
  ])
  func refusesABadBodyBeforeTheLogin(body: String, message: String) async throws {
    try await TestApp.with { app in
      for user in [nil, "owner"] {
        let answer = try await app.send(.post, "/api/channels", as: user, body: .text(body))
        #expect(answer.status == 422)
        #expect(answer.messages.first == message, "\(answer.text)")
        #expect(
          (answer.detail?.asArray ?? []).allSatisfy {
            $0.keys.isSuperset(of: ["type", "loc", "msg", "input"])
          })
      }
    }
  }

  @Test func saysHowLongNameAndDescriptionMayBe() async throws {
    try await TestApp.with { app in
      let long = try await app.send(
        .post, "/api/channels", as: "owner",
        json: [
          "name": .string(String(repeating: "a", count: 51)),
          "description": .string(String(repeating: "é", count: 301)),
        ])
      #expect(long.status == 422)
      #expect(
        Set(long.messages) == [
          "String should have at most 50 characters", "String should have at most 300 characters",
        ])
      #expect(long.detail?.asArray?.first?["ctx"]?.keys == ["max_length"])
      let ok: JSONValue = ["name": "a", "description": .string(String(repeating: "é", count: 300))]
      #expect(try await app.send(.post, "/api/channels", as: "owner", json: ok).status == 201)
    }
  }

  @Test func takesAFormsContentTypeAndUnknownFields() async throws {
    try await TestApp.with { app in
      let answer = try await app.send(
        .post, "/api/channels?mirror_api_key=&register_mirror=False", as: "owner",
        headers: [.contentType: "application/x-www-form-urlencoded"],
        body: .text(#"{"name":"lab","unknown":{"a":1},"metadata":null,"mirror_mode":null}"#))
      #expect(answer.status == 201)
    }
  }

  @Test func setsAQuotaByDefaultOrByElevatedUsers() async throws {
    try await TestApp.with(toml: "[quotas]\nchannel_quota = \"1 MB\"") { app async throws in
      #expect(
        try await app.send(.post, "/api/channels", as: "member", json: ["name": "a", "private": false]).status
          == 201)
      #expect(try await app.json("/api/channels/a")["size_limit"] == 1_000_000)
      let body: JSONValue = ["name": "b", "private": false, "size_limit": 5, "ttl": 60]
      #expect(try await app.send(.post, "/api/channels", as: "maintainer", json: body).status == 201)
      #expect(try await app.json("/api/channels/b")["size_limit"] == 5)
      #expect(try await app.json("/api/channels/b")["ttl"] == 60)
      let none: JSONValue = ["name": "c", "private": false, "size_limit": .null]
      #expect(try await app.send(.post, "/api/channels", as: "owner", json: none).status == 201)
      #expect(try await app.json("/api/channels/c")["size_limit"] == .null)
    }
  }

  @Test func takesWholeNumbersHoweverTheyAreWritten() async throws {
    try await TestApp.with { app in
      for (number, text, status) in [
        (1, "60.0", 201), (2, "6e1", 201), (3, "60.5", 422), (4, "1e300", 422), (5, "-1.0", 422),
        (6, "\"60\"", 201), (7, "\"60.0\"", 422),
      ] {
        let text = "{\"name\":\"c\(number)\",\"private\":false,\"ttl\":\(text)}"
        let answer = try await app.send(.post, "/api/channels", as: "owner", body: .text(text))
        #expect(answer.status == status, "\(text)")
      }
      #expect(try await app.json("/api/channels/c1")["ttl"] == 60)
    }
  }

  @Test func answersOthersMethodsAndPathsLikeUpstream() async throws {
    try await TestApp.with { app in
      expect(try await app.send(.get, "/api/nothing"), 404, "Not Found")
      for method in [HTTPRequest.Method.put, .patch, .post, .delete, .options] {
        let answer = try await app.send(method, "/api/nothing", as: "owner")
        expect(answer, 405, "Method Not Allowed")
        #expect(answer.headers[.allow] == "GET")
      }
      expect(try await app.send(.get, "/api/channels/none"), 404, "Channel none not found")
      expect(try await app.send(.get, "/api/channels/No.Ne", as: "owner"), 404, "Channel No.Ne not found")
      expect(try await app.send(.delete, "/api/channels/None"), 404, "Channel None not found")
    }
  }

  @Test func deletesForOwnersAndMaintainersOnly() async throws {
    try await TestApp.with { app in
      for (role, status) in [(nil, 403), (.member, 403), (.maintainer, 200), (.owner, 200)] as [(Role?, Int)]
      {
        try await app.createChannel("lab")
        if let role { try await app.setRole(role, of: "nobody", in: "lab") }
        expect(try await app.send(.delete, "/api/channels/lab"), 401, "Not logged in")
        let answer = try await app.send(.delete, "/api/channels/LAB", as: "nobody")
        expect(answer, status, status == 403 ? "No permission" : nil)
        if status == 200 {
          #expect(answer.text == "null")
          #expect(try await app.send(.get, "/api/channels/lab").status == 404)
        } else {
          #expect(try await app.send(.delete, "/api/channels/lab", as: "owner").status == 200)
        }
      }
    }
  }
}
