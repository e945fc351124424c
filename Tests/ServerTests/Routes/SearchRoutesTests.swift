import CondaTypes
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

@Suite struct SearchRoutesTests {
  private static func names(_ value: JSONValue) -> [String] {
    (value.asArray ?? []).compactMap { $0["name"]?.asString }
  }

  private static func fill(_ app: TestApp) async throws {
    try await app.createChannel("open")
    try await app.createChannel("closed", isPrivate: true, as: "member")
    for (channel, user, name, summary, description) in [
      ("open", "owner", "numpy", "Array processing", "Numbers, 100% of them"),
      ("open", "owner", "numpy-base", "Array PROCESSING core", "c_1"),
      ("open", "owner", "py", "Tiny", "x"), ("open", "owner", "scipy", "Science", "numeric"),
      ("closed", "member", "secret-numpy", "Array", "hidden"),
    ] {
      let body: JSONValue = [
        "name": .string(name), "summary": .string(summary), "description": .string(description),
      ]
      #expect(
        try await app.send(.post, "/api/channels/\(channel)/packages", as: user, json: body).status == 201)
    }
  }

  @Test func findPackagesByUpstreamsSyntax() async throws {
    try await TestApp.with { app in
      try await Self.fill(app)
      let expected: [(String, [String])] = [
        ("num", ["numpy", "numpy-base"]), ("NUMPY", ["numpy", "numpy-base"]),
        ("py", ["numpy", "numpy-base", "py", "scipy"]), ("", ["numpy", "numpy-base", "py", "scipy"]),
        ("num%20base", ["numpy-base"]), ("py%20NOT%20num", ["py", "scipy"]), ("NOT%20py", []),
        ("%22numpy-base%22", ["numpy-base"]), ("'numpy'%20NOT%20'-base'", ["numpy"]),
        ("summary:processing", ["numpy", "numpy-base"]), ("summary:core,sci", ["numpy-base", "scipy"]),
        ("-summary:processing", ["py", "scipy"]), ("py%20-summary:tiny,science", ["numpy", "numpy-base"]),
        ("description:%22100%25%22", ["numpy"]), ("description:c_1", ["numpy-base"]),
        ("channel:open%20sci", ["scipy"]), ("channel:clo", []), ("-channel:open", []),
        ("unknown:x%20sci", ["scipy"]), ("%25", []), ("_", []), ("n%25y", []), ("n_mpy", []),
        // Encoded twice, as the front end does.
        ("sci%2520%254E%254F%2554%2520num", ["scipy"]),
      ]
      for (q, names) in expected {
        for _ in 0..<2 {  // the second time from memory
          #expect(Self.names(try await app.json("/api/packages/search/?q=\(q)")) == names, "\(q)")
        }
      }
      #expect(
        try await app.json("/api/packages/search/?q=scipy") == [
          [
            "name": "scipy", "summary": "Science", "description": "numeric", "url": .null, "platforms": .null,
            "current_version": .null, "latest_change": .null, "channel_name": "open",
          ]
        ])
    }
  }

  @Test func showPackagesOfPrivateChannelsToTheirMembersOnly() async throws {
    try await TestApp.with { app in
      try await Self.fill(app)
      for (user, names) in [
        (nil, []), ("wrong-key", []), ("nobody", []), ("owner", []), ("maintainer", []),
        ("member", ["secret-numpy"]),
      ] as [(String?, [String])] {
        #expect(Self.names(try await app.json("/api/packages/search/?q=secret", as: user)) == names)
      }
    }
  }

  @Test func refuseWhatCannotBeRead() async throws {
    try await TestApp.with { app in
      for route in ["packages", "channels"] {
        for q in ["%22open", "it's", "a%20NOT", "NOT", "a%5C", "a%00b", "NOT%20"] {
          let answer = try await app.send(.get, "/api/\(route)/search/?q=\(q)")
          #expect(answer.status == 422, "\(route) \(q)")
          #expect(answer.detail?.asString != nil)
        }
        let missing = try await app.send(.get, "/api/\(route)/search/")
        #expect(missing.status == 422)
        #expect(missing.detail?.asArray?.first?["loc"] == ["query", "q"])
      }
      for q in ["private:maybe", "private:", "private:y,n"] {
        #expect(try await app.send(.get, "/api/channels/search/?q=\(q)").status == 422, "\(q)")
      }
    }
  }

  @Test func findPackagesByTheirPlatformOnceTheyHaveOne() async throws {
    try await TestApp.with { app in
      try await Self.fill(app)
      #expect(try await app.upload(PackageBuilder(name: "numpy"), to: "open").status == 201)
      #expect(Self.names(try await app.json("/api/packages/search/?q=platform:noarch")) == ["numpy"])
      #expect(
        Self.names(try await app.json("/api/packages/search/?q=-platform:noarch%20num")) == ["numpy-base"])
      #expect(try await app.send(.delete, "/api/channels/open/packages/numpy", as: "owner").status == 200)
      #expect(Self.names(try await app.json("/api/packages/search/?q=num")) == ["numpy-base"])
      #expect(
        try await app.send(.patch, "/api/channels/open", as: "owner", json: ["private": true]).status == 200)
      #expect(Self.names(try await app.json("/api/packages/search/?q=num")) == [])
    }
  }

  @Test func findChannels() async throws {
    try await TestApp.with { app in
      try await Self.fill(app)
      let body: JSONValue = ["name": "lab", "description": "100% pure", "private": false]
      #expect(try await app.send(.post, "/api/channels", as: "owner", json: body).status == 201)
      let expected: [(String?, String, [String])] = [
        (nil, "o", ["open"]), (nil, "", ["lab", "open"]), ("member", "", ["closed", "lab", "open"]),
        ("member", "private:true", ["closed"]), ("member", "-private:y", ["lab", "open"]),
        ("member", "NOT%20private:n", ["closed"]), (nil, "private:t", []),
        (nil, "description:pure", ["lab"]), (nil, "-description:pure", ["open"]),
        (nil, "NOT%20lab", ["open"]), ("owner", "closed", []),
      ]
      for (user, q, names) in expected {
        #expect(
          Self.names(try await app.json("/api/channels/search/?q=\(q)", as: user)) == names,
          "\(user ?? "-") \(q)")
      }
      #expect(
        try await app.json("/api/channels/search/?q=lab") == [
          ["name": "lab", "description": "100% pure", "private": false]
        ])
    }
  }

  @Test func doNotHideAChannelOrPackageOfTheirName() async throws {
    try await TestApp.with { app in
      try await app.createChannel("search")
      #expect(try await app.json("/api/channels/search")["members_count"] == 1)
      #expect(try await app.upload(PackageBuilder(name: "copy"), to: "search").status == 201)
      #expect(Self.names(try await app.json("/api/channels/search/packages")) == ["copy"])
      #expect(try await app.json("/api/channels/search/packages/copy")["name"] == "copy")
      #expect(
        try await app.send(
          .post, "/api/channels/search/packages/copy/members", as: "owner",
          json: ["username": "nobody", "role": "member"]
        ).status == 201)
      #expect(Self.names(try await app.json("/api/channels/search/?q=ear")) == ["search"])
      #expect(try await app.send(.patch, "/api/channels/search", as: "owner", json: ["ttl": 1]).status == 200)
      #expect(try await app.send(.delete, "/api/channels/search", as: "owner").status == 200)
      #expect(Self.names(try await app.json("/api/channels/search?q=open")) == [])
    }
  }
}
