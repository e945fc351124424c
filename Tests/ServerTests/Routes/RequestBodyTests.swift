import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import TestSupport
import Testing

/// What is said first about a request with a body (quetz-api.md §0.2), and how its fields are read.
@Suite struct RequestBodyTests {
  private static let routes: [(HTTPRequest.Method, String)] = [
    (.patch, ""), (.put, "/actions"), (.post, "/members"), (.post, "/mirrors"), (.post, "/packages"),
    (.post, "/notices"), (.put, "/relations"),
  ]

  @Test func textThatIsNoJSONIsRefusedBeforeAnythingElse() async throws {
    try await TestApp.with { app in
      try await app.createChannel("shut", isPrivate: true)
      for channel in ["none", "shut"] {
        for (method, route) in Self.routes {
          let answer = try await app.send(method, "/api/channels/\(channel)\(route)", body: .text("{"))
          #expect(answer.status == 422, "\(method) \(channel)\(route)")
          #expect(answer.messages == ["JSON decode error"])
        }
      }
    }
  }

  /// A missing body, and one that is no object, are problems like those of its fields.
  @Test(arguments: ["", "[]", "null", "{}"])
  func theChannelAndItsSecretsComeBeforeTheFields(body: String) async throws {
    try await TestApp.with { app in
      try await app.createChannel("shut", isPrivate: true)
      try await app.createChannel("open")
      for (method, route) in Self.routes {
        func send(_ channel: String, as user: String? = nil) async throws -> Answer {
          try await app.send(
            method, "/api/channels/\(channel)\(route)", as: user, body: body.isEmpty ? .none : .text(body))
        }
        expect(try await send("none"), 404, "Channel none not found")
        expect(try await send("shut"), 401, "Not logged in")
        expect(try await send("shut", as: "nobody"), 403, "No permission")
        // What is wrong with the body comes before the login.
        if body != "{}" {
          let answer = try await send("open")
          #expect(answer.status == 422, "\(method) \(route)")
          #expect(
            answer.messages == [
              body.isEmpty || body == "null"
                ? "Field required" : "Input should be a valid dictionary or object to extract fields from"
            ])
          #expect(answer.detail?.asArray?.first?["loc"] == ["body"])
        }
      }
    }
  }

  @Test func aProxyIsClosedWhateverTheBodySays() async throws {
    try await TestApp.with { app in
      let proxy: JSONValue = [
        "name": "far", "private": false, "mirror_channel_url": "https://up.example.org/get/x",
        "mirror_mode": "proxy",
      ]
      #expect(try await app.send(.post, "/api/channels", as: "owner", json: proxy).status == 201)
      for (method, route) in Self.routes where route != "/actions" {
        expect(
          try await app.send(method, "/api/channels/far\(route)"), 405,
          "This method is not implemented for proxy channels")
      }
    }
  }

  @Test func aMissingFieldShowsTheBodyItIsMissingFrom() async throws {
    try await TestApp.with { app in
      let answer = try await app.send(.post, "/api/channels", as: "owner", json: ["private": false])
      #expect(
        answer.json == [
          "detail": [
            [
              "type": "missing", "loc": ["body", "name"], "msg": "Field required",
              "input": ["private": false],
            ]
          ]
        ])
    }
  }

  @Test func flagsAndNumbersAreReadAsPydanticReadsThem() async throws {
    let taken: [([String: JSONValue], isPrivate: Bool, ttl: Int64)] = [
      (["private": .integer(1), "ttl": .string("60")], true, 60),
      (["private": .integer(0), "ttl": .number(60)], false, 60),
      (["private": .string("off"), "ttl": .integer(0)], false, 0),
      (["private": .string("Yes")], true, 36_000),
    ]
    let refused: [([String: JSONValue], String)] = [
      (["private": .integer(2)], "bool_type"), (["private": .null], "bool_type"),
      (["private": .string("maybe")], "bool_parsing"), (["ttl": .string("soon")], "int_parsing"),
      (["ttl": .string("-1")], "int_parsing"), (["ttl": .integer(-1)], "greater_than_equal"),
      (["ttl": .number(1.5)], "int_type"), (["ttl": .bool(true)], "int_type"),
    ]
    try await TestApp.with { app in
      for (number, (fields, isPrivate, ttl)) in taken.enumerated() {
        let body = JSONValue.object(fields.merging(["name": .string("c\(number)")]) { $1 })
        #expect(try await app.send(.post, "/api/channels", as: "owner", json: body).status == 201)
        let channel = try await app.json("/api/channels/c\(number)", as: "owner")
        #expect(channel["private"] == .bool(isPrivate) && channel["ttl"] == .integer(ttl), "\(fields)")
      }
      for (fields, type) in refused {
        let body = JSONValue.object(fields.merging(["name": .string("x")]) { $1 })
        let answer = try await app.send(.post, "/api/channels", as: "owner", json: body)
        #expect(answer.status == 422, "\(fields)")
        #expect(answer.detail?.asArray?.map { $0["type"]?.asString } == [type], "\(fields)")
      }
    }
  }

  @Test func packageNamesAreRefusedInUpstreamsWords() async throws {
    try await TestApp.with { app in
      try await app.createChannel("open")
      for name in ["A", "a b", "ä", "a/b"] {
        let answer = try await app.send(
          .post, "/api/channels/open/packages", as: "owner", json: ["name": .string(name)])
        #expect(answer.status == 422)
        #expect(answer.messages == [#"String should match pattern '^[a-z0-9-_\.]*$'"#], "\(name)")
      }
      // Fine upstream, and ruled out by CEP 26.
      let answer = try await app.send(.post, "/api/channels/open/packages", as: "owner", json: ["name": "-a"])
      #expect(answer.status == 422 && answer.messages.first?.hasPrefix("Value error, ") == true)
    }
  }
}
