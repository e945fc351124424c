import CondaTypes
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

/// `PATCH /api/channels/{c}`.
@Suite struct ChannelChangesTests {
  @Test func changeWhatTheyNameAndNothingElse() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let answer = try await app.send(
        .patch, "/api/channels/LAB", as: "owner", json: ["private": true, "ttl": 60, "size_limit": 1000])
      #expect(answer.status == 200)
      let expected: JSONValue = [
        "name": "lab", "description": .null, "private": true, "size_limit": 1000, "ttl": 60,
        "mirror_channel_url": .null, "mirror_mode": .null,
      ]
      #expect(answer.json == expected)
      #expect(try await app.send(.patch, "/api/channels/lab", as: "owner", json: [:]).json == expected)
      let lifted = try await app.send(
        .patch, "/api/channels/lab", as: "owner", json: ["size_limit": .null, "private": .null])
      #expect(lifted.json?["size_limit"] == .null)
      #expect(lifted.json?["private"] == true)
      expect(try await app.send(.get, "/api/channels/lab"), 401, "Not logged in")
    }
  }

  @Test func endKeptAnswersOfDownloadsAndListings() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      let file = "/get/lab/noarch/\(PackageBuilder().fileName)"
      let subdirFile = try await app.send(.get, file).status
      #expect(try await app.json("/api/channels").asArray?.count == 1)
      #expect(
        try await app.send(.patch, "/api/channels/lab", as: "owner", json: ["private": true]).status == 200)
      #expect(try await app.json("/api/channels").asArray?.count == 0)
      if subdirFile == 200 { #expect(try await app.send(.get, file).status == 401) }
    }
  }

  @Test func mergeTheListsKeyByKey() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      for (body, expected) in [
        (["includelist": ["b", "a"]], #"{"includelist":["b","a"]}"#),
        (["proxylist": []], #"{"includelist":["b","a"],"proxylist":[]}"#),
        (["includelist": .null], #"{"proxylist":[]}"#), (["proxylist": .null], nil),
      ] as [(JSONValue, String?)] {
        #expect(
          try await app.send(.patch, "/api/channels/lab", as: "owner", json: ["metadata": body]).status == 200
        )
        #expect(try await app.metadata.channel(named: "lab")?.metadata == expected)
      }
      for bad in [["includelist": "a"], ["excludelist": [1]], []] as [JSONValue] {
        #expect(
          try await app.send(.patch, "/api/channels/lab", as: "owner", json: ["metadata": bad]).status == 422)
      }
    }
  }

  @Test func askForARoleAndForTheQuotaForOneOnTheServer() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let body: JSONValue = ["ttl": 5]
      expect(try await app.send(.patch, "/api/channels/none", json: body), 404, "Channel none not found")
      expect(try await app.send(.patch, "/api/channels/lab", json: body), 401, "Not logged in")
      #expect(try await app.send(.patch, "/api/channels/lab", json: ["ttl": "x"]).status == 422)
      for (role, status) in [(nil, 403), (.member, 403), (.maintainer, 200), (.owner, 200)] as [(Role?, Int)]
      {
        if let role { try await app.setRole(role, of: "nobody", in: "lab") }
        #expect(try await app.send(.patch, "/api/channels/lab", as: "nobody", json: body).status == status)
      }
      expect(
        try await app.send(.patch, "/api/channels/lab", as: "nobody", json: ["size_limit": .null]), 403,
        ["only server maintainer or owner can set channel size limit"])
      for key in ["name", "description", "mirror_channel_url", "mirror_mode"] {
        expect(
          try await app.send(.patch, "/api/channels/lab", as: "nobody", json: [key: "x"]), 422,
          .string("attribute '\(key)' of channel can not be changed"))
      }
    }
  }
}
