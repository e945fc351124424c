import Foundation
import HTTPTypes
import TestSupport
import Testing

/// No spelling of a path leaves the channel it begins with.
@Suite struct DownloadPathSafetyTests {
  /// Ways up and out, to be put in front of a target; each as it goes over the wire.
  static let ways = [
    "../", "../../", "../../../", "./../", "noarch/../../", "noarch/../", "%2e%2e/", "%2E%2E/", "%2e%2e%2f",
    "%2E%2e%2F",
    "..%2f", "..%2F..%2f", ".%2e/", "%2e./", "..;/", "....//", "..././", "//", "/", "noarch//", "noarch//../",
    "..\\",
    "..%5c", "%5c..%5c", "%252e%252e%252f", "%252e%252e/", "%c0%ae%c0%ae/", "%c0%ae%c0%ae%c0%af",
    "%e0%80%ae%e0%80%ae/",
    "..%c0%af", "%uff0e%uff0e/", "noarch/shards/../../../", "noarch/%00../", "%00", "..%00/", "%2f", "%2F%2F",
    "%5c", "~/", "file:///",
  ]
  static let targets = [
    "config.toml", "quetz.sqlite", "quetz.lock", "deployment/config.toml", "packages/", "documents/",
    "etc/passwd",
    "secret/noarch/repodata.json", "secret/noarch/hidden-1.0-0.conda", "get/secret/noarch/repodata.json",
  ]
  static let others = [
    "%", "%2", "%zz", "noarch/%", "noarch/%zz.conda", "noarch/a%2", "noarch/%ff", "noarch/%00",
    "noarch/a-1-0.conda%00",
    "noarch/demo-1.0-0.conda%00.json", "noarch/demo-1.0-0.conda/", "noarch/demo-1.0-0.conda/..",
    "noarch/repodata.json%2f",
    "noarch%2frepodata.json", "noarch%2Frepodata.json", "noarch%5crepodata.json", "noarch\\repodata.json",
    "noarch//repodata.json", "/noarch/repodata.json", "./noarch/repodata.json", "noarch/./repodata.json",
    "noarch/.", "noarch/..",
    ".", "..", "...", "*", "noarch/*", "noarch/repodata.json;x", "noarch/repodata.json%0d%0aX-Bad:%201",
    "NOARCH/repodata.json",
    "noarch/REPODATA.JSON", "noarch/repodata.json ".replacingOccurrences(of: " ", with: "%20"),
    String(repeating: "a", count: 5000), "noarch/" + String(repeating: "a", count: 5000),
    "noarch/" + String(repeating: "%61", count: 5000) + ".conda", String(repeating: "a/", count: 2500),
    String(repeating: "../", count: 1000) + "etc/passwd", "noarch/" + String(repeating: "%2e", count: 2000),
  ]

  /// `lab` is public, `secret` private, both hold a package.
  private static func withChannels(_ body: @Sendable (TestApp) async throws -> Void) async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      try await app.createChannel("secret", isPrivate: true)
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      #expect(try await app.upload(PackageBuilder(name: "hidden"), to: "secret").status == 201)
      try await app.settle("lab")
      try await body(app)
      #expect(try await app.send(.get, "/get/lab/noarch/demo-1.0-0.conda").status == 200)
    }
  }

  @Test(arguments: ["/get/lab/", "/channels/lab/", "/t/qz-any/get/lab/", "/t/qz-any/channels/lab/"])
  func answers404ToEveryHostilePath(mount: String) async throws {
    let paths = Self.ways.flatMap { way in Self.targets.map { way + $0 } } + Self.others
    try await Self.withChannels { app in
      for path in paths {
        let answer = try await app.send(.get, mount + path)
        #expect(answer.status == 404, "\(path.prefix(80)): \(answer.status)")
        Self.expectHarmless(answer, path)
        #expect(answer.headers[.init("X-Bad")!] == nil)
      }
      for path in paths.prefix(60) {
        #expect(try await app.send(.head, mount + path).status == 404, "\(path)")
      }
    }
  }

  @Test(arguments: [
    "/get/lab/../secret/noarch/hidden-1.0-0.conda", "/get/lab/%2e%2e/secret/noarch/hidden-1.0-0.conda",
    "/get/lab%2f..%2fsecret/noarch/hidden-1.0-0.conda", "/get/../get/lab/../secret/noarch/hidden-1.0-0.conda",
    "/get/lab/noarch/../../secret/noarch/repodata.json", "//get/secret/noarch/repodata.json",
    "/get//secret/noarch/repodata.json",
    "/get/./secret/noarch/repodata.json", "/get/%00/noarch", "/get/%zz/noarch/repodata.json",
    "/get/%2e%2e/config.toml",
    "/get/../config.toml", "/channels/../config.toml", "/get/..", "/get/.", "/get/%2e",
    "/get/%2e%2e%2fconfig.toml", "/../config.toml", "/config.toml",
    "/quetz.sqlite", "/get/lab\\..\\..\\config.toml", "/get/", "/channels/", "/get", "/t/x/../config.toml",
    "/t/../config.toml",
    "/t/%2e%2e/config.toml", "/t/x/get/../config.toml", "/t//get/secret/noarch/repodata.json",
    "/t/x/t/y/get/secret/noarch/repodata.json",
  ])
  func servesNothingBeyondTheChannels(path: String) async throws {
    try await Self.withChannels { app in
      let answer = try await app.send(.get, path)
      #expect([401, 404].contains(answer.status), "\(answer.status) \(answer.text)")
      Self.expectHarmless(answer, path)
    }
  }

  @Test func showsNoFileOfAnotherChannelEvenToItsMembers() async throws {
    // The owner may read both; the path must still name one channel only.
    try await Self.withChannels { app in
      for way in ["../secret/", "%2e%2e/secret/", "noarch/../../secret/"] {
        let answer = try await app.send(.get, "/get/lab/\(way)noarch/hidden-1.0-0.conda", as: "owner")
        #expect(answer.status == 404, "\(way)")
      }
      #expect(try await app.send(.get, "/get/lab/noarch/hidden-1.0-0.conda", as: "owner").status == 404)
    }
  }

  @Test func servesAShardInItsOwnChannelOnly() async throws {
    try await Self.withChannels { app in
      let digest = try #require(
        try await ShardReader(app: app, channel: "secret", subdir: "noarch").index()["hidden"])
      let file = "noarch/shards/\(digest).msgpack.zst"
      #expect(try await app.send(.get, "/get/secret/\(file)", as: "owner").status == 200)
      #expect(try await app.send(.get, "/get/secret/\(file)").status == 401)
      #expect(try await app.send(.get, "/get/lab/\(file)").status == 404)
      #expect(try await app.send(.get, "/get/lab/\(file)", as: "owner").status == 404)
    }
  }

  @Test(arguments: [
    "GET /get/lab/../../config.toml HTTP/1.1", "GET http://x/get/lab/../../config.toml HTTP/1.1",
    "GET /get/lab/\u{0}/config.toml HTTP/1.1", "GET /get/lab/\u{e9} HTTP/1.1", "GET get/lab HTTP/1.1",
    "GET  HTTP/1.1",
    "GET /get/lab/a b HTTP/1.1", "GET * HTTP/1.1", "GET /get/lab/#/../config.toml HTTP/1.1", "GET ? HTTP/1.1",
    "GET /%00 HTTP/1.1",
  ])
  func survivesRequestLinesThatNoClientSends(line: String) async throws {
    try await Self.withChannels { app in
      let bytes = try await RawConnection.exchange(
        app.baseURL, sending: line + "\r\nHost: x\r\nConnection: close\r\n\r\n")
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(!text.contains("sqlalchemy") && !text.contains("SQLite format"))
      #expect(bytes.isEmpty || !text.hasPrefix("HTTP/1.1 5"), "\(text.prefix(200))")
    }
  }

  private static func expectHarmless(_ answer: Answer, _ path: String) {
    for word in ["sqlalchemy", "SQLite format", "root:x:", "hidden-1.0-0.conda\":"] {
      #expect(!answer.text.contains(word), "\(path.prefix(80))")
    }
    #expect(answer.body.count < 3000, "\(path.prefix(80))")
  }
}
