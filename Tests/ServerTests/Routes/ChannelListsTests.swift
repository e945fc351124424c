import CondaTypes
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

@Suite struct ChannelListsTests {
  private static func names(_ value: JSONValue?) -> [String] {
    (value?.asArray ?? []).compactMap { $0["name"]?.asString }
  }

  @Test func omitPrivateChannelsOfOthers() async throws {
    try await TestApp.with { app in
      try await app.createChannel("open", as: "owner")
      try await app.createChannel("hidden", isPrivate: true, as: "owner")
      try await app.createChannel("mine", isPrivate: true, as: "member")
      try await app.setRole(.member, of: "nobody", in: "mine")
      let expected: [(String?, String, [String])] = [
        (nil, "", ["open"]), (nil, "?public=false", ["open"]), ("wrong-key", "", ["open"]),
        ("member", "", ["mine", "open"]), ("member", "?public=false", ["mine"]),
        ("member", "?public=False", ["mine"]),
        ("nobody", "", ["mine", "open"]), ("owner", "", ["hidden", "open"]),
        // Elevated users get no extra rows here.
        ("maintainer", "", ["open"]), ("maintainer", "?public=0", []),
      ]
      for (user, query, names) in expected {
        #expect(
          Self.names(try await app.json("/api/channels\(query)", as: user)) == names,
          "\(user ?? "-") \(query)")
        let page = try await app.json("/api/paginated/channels\(query)", as: user)
        #expect(Self.names(page["result"]) == names, "\(user ?? "-") \(query)")
        #expect(page["pagination"]?["all_records_count"]?.asInteger == Int64(names.count))
      }
      let rows = try await app.json("/api/channels").asArray ?? []
      #expect(rows.allSatisfy { $0.keys == ChannelsRoutesTests.fields })
    }
  }

  @Test func comeInPages() async throws {
    try await TestApp.with { app in
      for number in 0..<25 { try await app.createChannel("c\(number / 10)\(number % 10)") }
      let all = (0..<25).map { "c\($0 / 10)\($0 % 10)" }
      #expect(Self.names(try await app.json("/api/channels")) == all)
      let expected: [(String, Int, Int, [String])] = [
        ("", 0, 20, Array(all[..<20])), ("?skip=20", 20, 20, Array(all[20...])),
        ("?limit=3", 0, 3, Array(all[..<3])),
        ("?skip=5&limit=2", 5, 2, ["c05", "c06"]), ("?limit=0", 0, 0, []), ("?limit=-1", 0, -1, all),
        ("?skip=24&limit=-1", 24, -1, ["c24"]), ("?skip=25", 25, 20, []),
        ("?skip=1000000", 1_000_000, 20, []),
        ("?limit=1000", 0, 1000, all),
      ]
      for (query, skip, limit, names) in expected {
        let page = try await app.json("/api/paginated/channels\(query)")
        #expect(page.keys == ["pagination", "result"])
        #expect(
          page["pagination"] == [
            "skip": .integer(Int64(skip)), "limit": .integer(Int64(limit)), "all_records_count": 25,
          ], "\(query)")
        #expect(Self.names(page["result"]) == names, "\(query)")
      }
    }
  }

  @Test(arguments: [
    "limit=x", "skip=x", "limit=1.5", "limit=", "public=maybe", "public=", "limit=99999999999999999999",
  ])
  func refuseBadParameters(query: String) async throws {
    try await TestApp.with { app in
      let answer = try await app.send(.get, "/api/paginated/channels?\(query)")
      #expect(answer.status == 422)
      let issue = try #require(answer.detail?.asArray?.first)
      #expect(issue["loc"]?.asArray?.first == "query")
      #expect(issue["input"]?.asString != nil)
    }
  }

  @Test func tolerateTheFrontendsGarbage() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      for query in ["?%7B%22skip%22%3A0%7D", "?q=&order_by=", "?unknown=1&&=&%zz=1", "?"] {
        #expect(
          Self.names(try await app.json("/api/paginated/channels\(query)")["result"]) == ["lab"], "\(query)")
      }
    }
  }

  @Test func findPartsOfNamesLiterally() async throws {
    try await TestApp.with { app in
      for name in ["alpha", "Beta", "gamma.x"] { try await app.createChannel(name) }
      let expected: [(String, [String])] = [
        ("", ["alpha", "Beta", "gamma.x"]), ("ALPH", ["alpha"]), ("beta", ["Beta"]),
        ("a", ["alpha", "Beta", "gamma.x"]),
        ("%25", []), ("_", []), ("a%25a", []), ("a_p", []), ("%5C", []), ("%27", []),
        ("gamma.x", ["gamma.x"]), ("gamma%2Ex", ["gamma.x"]),
        ("zzz", []),
      ]
      for (q, names) in expected {
        #expect(Self.names(try await app.json("/api/channels?q=\(q)")) == names, "\(q)")
        let page = try await app.json("/api/paginated/channels?q=\(q)")
        #expect(Self.names(page["result"]) == names, "\(q)")
        #expect(page["pagination"]?["all_records_count"]?.asInteger == Int64(names.count))
      }
    }
  }
}
