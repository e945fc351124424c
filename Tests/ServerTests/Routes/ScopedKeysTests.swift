import CondaTypes
import CurlHTTP
import HTTPTypes
import Metadata
import NIOCore
import Server
import TestSupport
import Testing

/// Keys that hold roles of their own, and who may make which (quetz-api.md §2.2 and §2.3).
@Suite struct ScopedKeysTests {
  static let root = "/api/api-keys"

  private static func role(_ channel: String, _ role: String, package: String? = nil) -> JSONValue {
    ["channel": .string(channel), "package": package.map { .string($0) } ?? .null, "role": .string(role)]
  }

  @Test func hasExactlyItsRoles() async throws {
    try await TestApp.with { app in
      for name in ["one", "two", "three"] { try await app.createChannel(name, isPrivate: true) }
      let roles: JSONValue = [Self.role("one", "maintainer"), Self.role("two", "member")]
      let key = try await app.createKey(as: "owner", roles: roles)
      #expect(try await app.upload(PackageBuilder(), to: "one", as: key).status == 201)
      #expect(try await app.upload(PackageBuilder(), to: "one", as: key, force: true).status == 403)
      #expect(try await app.upload(PackageBuilder(), to: "two", as: key).status == 403)
      #expect(try await app.send(.get, "/get/two/noarch/repodata.json", as: key).status == 200)
      #expect(try await app.send(.get, "/get/three/noarch/repodata.json", as: key).status == 403)
      // The owner's own server role does not come along.
      expect(
        try await app.send(.post, "/api/channels", as: key, json: ["name": "four"]), 403,
        ["this operation requires owner or maintainer or member roles"])
      let listed = try await app.json("/api/channels", as: key).asArray ?? []
      #expect(listed.compactMap { $0["name"]?.asString } == ["one", "two"])
      #expect(try await app.json(Self.root, as: key) == [])
      expect(try await app.send(.get, "/api/me", as: key), 401, "Not logged in")
      // What it uploads is its owner's.
      let version = try await app.json(
        "/api/channels/one/packages/demo/versions/noarch/demo-1.0-0.conda", as: "owner")
      #expect(version["uploader"]?["name"] == "Owner")
    }
  }

  @Test func listsEachRoleOnce() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      let roles: JSONValue = [
        Self.role("lab", "owner"), Self.role("lab", "member", package: "demo"),
        Self.role("lab", "maintainer"),
      ]
      let answer = try await app.send(
        .post, Self.root, as: "owner", json: ["description": "x", "roles": roles])
      let expected: JSONValue = [Self.role("lab", "maintainer"), Self.role("lab", "member", package: "demo")]
      #expect(answer.json?["roles"] == expected, "\(answer.text)")
      let rows = try await app.json(Self.root, as: "owner").asArray ?? []
      #expect(rows.map { $0["roles"] } == [.null, expected])
    }
  }

  @Test func uploadsOnePackageOnly() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      let key = try await app.createKey(as: "owner", roles: [Self.role("lab", "maintainer", package: "demo")])
      let path = "/api/channels/lab/packages/demo/versions/noarch/demo-1.0-0.conda"
      #expect(try await app.send(.delete, path, as: key).status == 200)
      #expect(try await app.upload(PackageBuilder(name: "other"), to: "lab", as: key).status == 403)
      #expect(try await app.send(.delete, "/api/channels/lab", as: key).status == 403)
      #expect(
        try await app.send(.post, "/api/channels/lab/packages", as: key, json: ["name": "x"]).status == 403)
    }
  }

  /// §2.3, and members as well: the caller's channel role, package role, the grant's package and role, whether it is
  /// allowed.
  static let grants: [(Role?, Role?, String?, String, Bool)] = {
    var grants: [(Role?, Role?, String?, String, Bool)] = []
    for channel in [nil, Role.member, .maintainer, .owner] {
      for package in [nil, Role.member, .maintainer, .owner] {
        let maintains = channel == .owner || channel == .maintainer
        for role in ["member", "maintainer", "owner"] {
          let isMember = role == "member" && channel == .member
          grants.append(
            (channel, package, nil, role, role == "owner" ? channel == .owner : maintains || isMember))
          let byPackage = role == "owner" ? package == .owner : package == .owner || package == .maintainer
          let isPackageMember = role == "member" && package == .member
          grants.append(
            (channel, package, "demo", role, maintains || byPackage || isMember || isPackageMember))
        }
      }
    }
    return grants
  }()

  @Test func isMadeOnlyByThoseWhoMayHandOutItsRoles() async throws {
    try await TestApp.with { app in
      var channels: [String: String] = [:]
      for (channelRole, packageRole, package, role, isAllowed) in Self.grants {
        let situation = "\(channelRole?.rawValue ?? "none")-\(packageRole?.rawValue ?? "none")"
        if channels[situation] == nil {
          let name = "c\(channels.count)"
          channels[situation] = name
          try await app.createChannel(name)
          #expect(
            try await app.send(.post, "/api/channels/\(name)/packages", as: "owner", json: ["name": "demo"])
              .status == 201)
          if let channelRole { try await app.setRole(channelRole, of: "nobody", in: name) }
          if let packageRole { try await app.setRole(packageRole, of: "nobody", for: "demo", in: name) }
        }
        let name = try #require(channels[situation])
        let body: JSONValue = ["description": "x", "roles": [Self.role(name, role, package: package)]]
        let answer = try await app.send(.post, Self.root, as: "nobody", json: body)
        expect(
          answer, isAllowed ? 201 : 403, isAllowed ? nil : "No permission",
          "\(situation) \(package ?? "-") \(role)")
        // Elevated users may hand out everything.
        #expect(try await app.send(.post, Self.root, as: "maintainer", json: body).status == 201)
      }
    }
  }

  @Test func checksEveryEntryNotOnlyTheFirst() async throws {
    try await TestApp.with { app in
      try await app.createChannel("mine", as: "member")
      try await app.createChannel("other", isPrivate: true)
      let attempts: [(JSONValue, Int)] = [
        ([Self.role("mine", "owner"), Self.role("other", "owner")], 403),
        ([Self.role("", "owner"), Self.role("other", "owner")], 422),
        ([["channel": .null, "role": "owner"], Self.role("other", "owner")], 422),
        ([Self.role("", "member", package: ""), Self.role("other", "owner")], 422),
        ([Self.role("mine", "owner"), Self.role("OTHER", "member")], 403),
        ([Self.role("mine", "owner"), Self.role("none", "member")], 404),
        ([Self.role("mine", "owner", package: "none")], 404),
        ([Self.role("mine", "owner"), Self.role("other", "owner", package: "")], 403),
      ]
      for (roles, status) in attempts {
        let answer = try await app.send(
          .post, Self.root, as: "member", json: ["description": "x", "roles": roles])
        expect(answer, status, nil, "\(roles): \(answer.text)")
      }
      #expect(try await app.json(Self.root, as: "member").asArray?.count == 1)
    }
  }

  @Test func cannotMakeItselfStronger() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      try await app.createChannel("other")
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      let key = try await app.createKey(as: "owner", roles: [Self.role("lab", "maintainer")])
      let attempts: [JSONValue] = [
        ["description": "x", "roles": []], ["description": "x"], ["description": "x", "roles": .null],
        ["description": "x", "roles": [Self.role("lab", "owner")]],
        ["description": "x", "roles": [Self.role("other", "member")]],
      ]
      for body in attempts {
        expect(try await app.send(.post, Self.root, as: key, json: body), 403, "No permission", "\(body)")
      }
      // What it holds, it may hand on.
      let weaker = try await app.createKey(as: key, roles: [Self.role("lab", "member")])
      #expect(try await app.upload(PackageBuilder(name: "x"), to: "lab", as: weaker).status == 403)
      let package = try await app.createKey(
        as: "owner", roles: [Self.role("lab", "maintainer", package: "demo")])
      for roles in [[Self.role("lab", "member")], [Self.role("lab", "owner", package: "demo")], []]
        as [JSONValue]
      {
        expect(
          try await app.send(.post, Self.root, as: package, json: ["description": "x", "roles": roles]), 403)
      }
    }
  }

  @Test func losesEverythingWithItsChannel() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab", isPrivate: true)
      let key = try await app.createKey(as: "owner", roles: [Self.role("lab", "owner")])
      #expect(try await app.send(.get, "/api/channels/lab", as: key).status == 200)
      #expect(try await app.send(.delete, "/api/channels/lab", as: "owner").status == 200)
      try await app.createChannel("lab", isPrivate: true)
      #expect(try await app.send(.get, "/api/channels/lab", as: key).status == 403)
    }
  }

  /// Where each problem is, as pydantic tells it.
  @Test func areRefusedWithThePlaceOfEveryProblem() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let good: JSONValue = ["channel": "lab", "role": "member"]
      for (roles, type, place) in [
        ("x", "list_type", []), (["x"], "model_attributes_type", [0]),
        ([good, ["role": "member"]], "missing", [1, "channel"]),
        ([["channel": "lab"]], "missing", [0, "role"]),
        ([["channel": 1, "role": "member"]], "string_type", [0, "channel"]),
        ([["channel": "", "role": "member"]], "string_too_short", [0, "channel"]),
        ([["channel": "lab", "role": "coowner"]], "string_pattern_mismatch", [0, "role"]),
        ([["channel": "lab", "role": "member", "package": 1]], "string_type", [0, "package"]),
        (.array(Array(repeating: good, count: 101)), "too_long", []),
      ] as [(JSONValue, String, [JSONValue])] {
        let answer = try await app.send(
          .post, "/api/api-keys", as: "owner", json: ["description": "x", "roles": roles])
        #expect(answer.status == 422, "\(answer.text)")
        let issue = answer.detail?.asArray?.first
        #expect(issue?["type"]?.asString == type)
        #expect(issue?["loc"] == .array(["body", "roles"] + place), "\(type)")
      }
    }
  }

  @Test func areDeletedByTheirTextAsOftenAsOneLikes() async throws {
    try await TestApp.with { app in
      let key = try await app.createKey(as: "member")
      for _ in 0..<2 {
        #expect(try await app.send(.delete, "/api/api-keys/\(key)", as: "member").status == 200)
      }
      #expect(try await app.send(.delete, "/api/api-keys/\(key)", as: "nobody").status == 403)
      #expect(try await app.send(.get, "/api/api-keys", as: key).status == 401)
    }
  }
}
