import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

/// Kept answers are the ones that would be made now, and are for nobody in particular.
@Suite struct AnonymousAnswersTests {
  /// The names in a list, a page or a search.
  private static func names(_ app: TestApp, _ path: String, as user: String? = nil) async throws -> [String] {
    let json = try await app.json(path, as: user)
    return (json["result"] ?? json).asArray?.compactMap { ($0["channel_name"] ?? $0["name"])?.asString } ?? []
  }

  private static let paths = [
    "/api/channels", "/api/paginated/channels", "/api/channels?q=sh", "/api/channels/search/?q=sh",
    "/api/packages/search/?q=demo",
  ]

  @Test(arguments: paths) func neverShowWhatIsPrivate(path: String) async throws {
    try await TestApp.with { app in
      try await app.createChannel("shut", isPrivate: true)
      try await app.createChannel("shop")
      for channel in ["shut", "shop"] {
        #expect(try await app.upload(PackageBuilder(), to: channel).status == 201)
      }
      // Whoever asks first: members do not fill what the anonymous are given, nor the other way round.
      for user in ["owner", nil, "owner", nil, "nobody", nil, "qz-unknown", nil] as [String?] {
        let seen = Set(try await Self.names(app, path, as: user))
        #expect(seen == (user == "owner" ? ["shut", "shop"] : ["shop"]), "\(user ?? "anonymous")")
      }
    }
  }

  @Test(arguments: paths) func forgetAtOnce(path: String) async throws {
    try await TestApp.with { app in
      try await app.createChannel("shop")
      #expect(try await app.upload(PackageBuilder(), to: "shop").status == 201)
      for isPrivate in [true, false, true, false] {
        #expect(try await Self.names(app, path).isEmpty != isPrivate)
        let change: JSONValue = ["private": .bool(isPrivate)]
        #expect(try await app.send(.patch, "/api/channels/shop", as: "owner", json: change).status == 200)
        #expect(try await Self.names(app, path).isEmpty == isPrivate)
      }
      #expect(try await app.send(.delete, "/api/channels/shop", as: "owner").status == 200)
      #expect(try await Self.names(app, path).isEmpty)
    }
  }

  @Test func countWhatWasAddedAtOnce() async throws {
    try await TestApp.with { app in
      try await app.createChannel("shop")
      for number in 1...3 as ClosedRange<Int64> {
        #expect(try await app.upload(PackageBuilder(name: "demo\(number)"), to: "shop").status == 201)
        let channel = try await app.json("/api/channels").asArray?.first
        #expect(channel?["packages_count"]?.asInteger == number)
        #expect(try await app.json("/api/packages/search/?q=demo").asArray?.count == Int(number))
      }
    }
  }

  /// Writers and readers at the same time: no answer may be older than a write that was over before it was asked for.
  @Test func areNeverOlderThanTheLastChange() async throws {
    try await TestApp.with { app in
      for number in 0..<60 {
        async let others: Void = {
          for _ in 0..<3 { _ = try await app.send(.get, "/api/channels") }
        }()
        #expect(try await app.createChannel("c\(number)").status == 201)
        #expect(try await app.json("/api/channels").asArray?.count == number + 1)
        try await others
      }
    }
  }
}
