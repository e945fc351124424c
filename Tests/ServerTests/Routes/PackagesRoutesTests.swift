import CondaTypes
import CurlHTTP
import HTTPTypes
import Metadata
import NIOCore
import Server
import TestSupport
import Testing

@Suite struct PackagesRoutesTests {
  static let fields: Set<String> = [
    "name", "summary", "description", "url", "platforms", "current_version", "latest_change",
  ]
  static let root = "/api/channels/lab/packages"

  private static func names(_ value: JSONValue?) -> [String] {
    (value?.asArray ?? []).compactMap { $0["name"]?.asString }
  }

  @Test func showsAPackageInExactlyUpstreamsFields() async throws {
    let clock = TestClock(1_795_332_792)
    try await TestApp.with(now: { clock.date }) { app in
      try await app.createChannel("lab")
      let body: JSONValue = [
        "name": "empty", "summary": "S", "description": "D", "url": "ignored", "platforms": ["x"],
      ]
      let created = try await app.send(.post, Self.root, as: "owner", json: body)
      expect(created, 201)
      #expect(created.text == "null")
      #expect(
        try await app.json("\(Self.root)/empty") == [
          "name": "empty", "summary": "S", "description": "D", "url": .null, "platforms": .null,
          "current_version": .null, "latest_change": .null,
        ])
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      #expect(
        try await app.json("\(Self.root)/demo") == [
          "name": "demo", "summary": "Summary of demo", "description": "Description of demo",
          "url": "https://demo.example", "platforms": ["noarch"], "current_version": "1.0",
          "latest_change": "2026-11-22T07:33:12",
        ])
    }
  }

  @Test func listsAndPages() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      for number in 0..<23 {
        let body: JSONValue = ["name": .string("p\(number / 10)\(number % 10)")]
        #expect(try await app.send(.post, Self.root, as: "owner", json: body).status == 201)
      }
      let all = (0..<23).map { "p\($0 / 10)\($0 % 10)" }
      let list = try await app.json(Self.root)
      #expect(Set(Self.names(list)) == Set(all))
      #expect((list.asArray ?? []).allSatisfy { $0.keys == Self.fields })
      let expected: [(String, Int, Int, Int, [String])] = [
        ("", 0, 20, 23, Array(all[..<20])), ("?skip=20", 20, 20, 23, Array(all[20...])),
        ("?limit=0", 0, 0, 23, []),
        ("?limit=-1", 0, -1, 23, all), ("?skip=23", 23, 20, 23, []), ("?skip=99999", 99_999, 20, 23, []),
        ("?q=P2", 0, 20, 3, ["p20", "p21", "p22"]), ("?q=%25", 0, 20, 0, []), ("?q=_", 0, 20, 0, []),
        ("?q=p_0", 0, 20, 0, []),
        ("?order_by=name:desc&limit=2", 0, 2, 23, ["p22", "p21"]),
        ("?order_by=name&limit=1", 0, 1, 23, ["p22"]),
        ("?order_by=name:asc&limit=1", 0, 1, 23, ["p00"]),
        ("?order_by=nothing:asc,name:asc&limit=1", 0, 1, 23, ["p00"]),
        ("?order_by=&limit=1", 0, 1, 23, ["p00"]),
      ]
      for (query, skip, limit, total, names) in expected {
        let page = try await app.json("/api/paginated/channels/LAB/packages\(query)")
        #expect(page.keys == ["pagination", "result"])
        #expect(Self.names(page["result"]) == names, "\(query)")
        #expect(
          page["pagination"] == [
            "skip": .integer(Int64(skip)), "limit": .integer(Int64(limit)),
            "all_records_count": .integer(Int64(total)),
          ], "\(query)")
      }
      #expect(try await app.send(.get, "/api/paginated/channels/lab/packages?limit=x").status == 422)
    }
  }

  static let refusals: [(String, String?, Int, JSONValue?)] = [
    (#"{"name":"Demo"}"#, "owner", 422, nil), (#"{"name":"a/b"}"#, "owner", 422, nil),
    (#"{"name":""}"#, "owner", 422, nil),
    (#"{"name":"é"}"#, "owner", 422, nil), ("{}", nil, 422, nil), ("{", nil, 422, nil),
    (#"{"name":"new"}"#, nil, 401, "Not logged in"), (#"{"name":"new"}"#, "nobody", 403, "No permission"),
    (#"{"name":"new"}"#, "member", 403, "No permission"),
    (#"{"name":"taken"}"#, "nobody", 403, "No permission"),
    (#"{"name":"taken"}"#, "owner", 409, "Package lab/taken exists"),
  ]

  @Test(arguments: refusals) func refusesToCreate(
    body: String, user: String?, status: Int, detail: JSONValue?
  ) async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(try await app.send(.post, Self.root, as: "owner", json: ["name": "taken"]).status == 201)
      expect(try await app.send(.post, Self.root, as: user, body: .text(body)), status, detail)
      #expect(Self.names(try await app.json(Self.root)) == ["taken"])
      expect(
        try await app.send(.post, "/api/channels/None/packages", as: user, json: ["name": "x"]), 404,
        "Channel None not found")
    }
  }

  @Test func makesTheCreatorThePackagesOwner() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      try await app.setRole(.maintainer, of: "nobody", in: "lab")
      #expect(try await app.send(.post, Self.root, as: "nobody", json: ["name": "mine"]).status == 201)
      let channel = try #require(try await app.metadata.channel(named: "lab"))
      let package = try #require(try await app.metadata.package(channelID: channel.id, named: "mine"))
      let members = try await app.metadata.packageMembers(package.id)
      #expect(members.map(\.user.username) == ["nobody"])
      #expect(members.map(\.role) == [.owner])
    }
  }

  @Test func showsPackagesOfAPrivateChannelToMembersOfEither() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab", isPrivate: true)
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      let path = "\(Self.root)/demo"
      expect(try await app.send(.get, path), 401, "Not logged in")
      expect(try await app.send(.get, path, as: "nobody"), 403, "No permission")
      expect(try await app.send(.get, Self.root), 401, "Not logged in")
      expect(try await app.send(.get, Self.root, as: "nobody"), 403, "No permission")
      expect(
        try await app.send(.get, "/api/paginated/channels/lab/packages", as: "nobody"), 403, "No permission")
      try await app.setRole(.member, of: "nobody", for: "demo", in: "lab")
      // A package role reads the package by the API, not the channel.
      #expect(try await app.send(.get, path, as: "nobody").status == 200)
      #expect(try await app.send(.get, "\(path)/versions", as: "nobody").status == 200)
      expect(try await app.send(.get, Self.root, as: "nobody"), 403, "No permission")
      #expect(try await app.send(.get, "/get/lab/noarch/demo-1.0-0.conda", as: "nobody").status == 403)
      try await app.setRole(.member, of: "nobody", in: "lab")
      #expect(try await app.send(.get, Self.root, as: "nobody").status == 200)
      #expect(try await app.send(.get, "/get/lab/noarch/demo-1.0-0.conda", as: "nobody").status == 200)
    }
  }

  @Test func repeatsTheTypedChannelInA404() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      expect(try await app.send(.get, "/api/channels/LAB/packages/none"), 404, "Package LAB/none not found")
      expect(try await app.send(.get, "/api/channels/no/packages/none"), 404, "Package no/none not found")
      expect(
        try await app.send(.delete, "/api/channels/LAB/packages/none"), 404, "Package LAB/none not found")
      expect(try await app.send(.get, "/api/channels/no/packages"), 404, "Channel no not found")
      for path in ["\(Self.root)/%2e%2e", "\(Self.root)/%zz", "\(Self.root)/%00", "\(Self.root)/a%2fb"] {
        #expect(try await app.send(.get, path).status == 404, "\(path)")
      }
    }
  }

  @Test func deletesForThoseWhoMay() async throws {
    let cases: [(Role?, Role?, Int)] = [
      (nil, nil, 403), (.member, nil, 403), (nil, .member, 403), (nil, .maintainer, 200), (nil, .owner, 200),
      (.maintainer, nil, 200), (.owner, nil, 200), (.member, .maintainer, 200),
    ]
    try await TestApp.with { app in
      for (number, (channelRole, packageRole, status)) in cases.enumerated() {
        let (channel, path) = ("c\(number)", "/api/channels/c\(number)/packages/demo")
        try await app.createChannel(channel)
        #expect(try await app.upload(PackageBuilder(), to: channel).status == 201)
        if let channelRole { try await app.setRole(channelRole, of: "nobody", in: channel) }
        if let packageRole { try await app.setRole(packageRole, of: "nobody", for: "demo", in: channel) }
        expect(try await app.send(.delete, path), 401, "Not logged in")
        let answer = try await app.send(.delete, path, as: "nobody")
        expect(answer, status, status == 403 ? "No permission" : nil)
        let file = try await app.send(.get, "/get/\(channel)/noarch/demo-1.0-0.conda")
        #expect(file.status == (status == 200 ? 404 : 200))
        if status == 200 { #expect(answer.text == "null") }
      }
    }
  }

  @Test func checkTheNameBeforeTheLogin() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      for (name, status) in [("Upper", 422), ("a b", 422), ("", 422), ("good", 401)] {
        let answer = try await app.send(.post, "/api/channels/lab/packages", json: ["name": .string(name)])
        #expect(answer.status == status, "\(name)")
      }
    }
  }
}
