import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

/// Artifacts that clients fetch from the store themselves.
@Suite struct DownloadRedirectTests {
  static let package = PackageBuilder(name: "far", version: "1.0", build: "0", format: .conda)
  static let file = "noarch/far-1.0-0.conda"

  private static func withFile(
    _ credentials: RedirectPolicy.Credentials = .safe, publicBase: String? = nil,
    _ body: @Sendable (TestApp, String) async throws -> Void
  ) async throws {
    let bytes = try package.bytes()
    let digest = try ArchiveWriting.sha256(bytes)
    let storage = ScriptedBucket().storage(redirect: credentials, publicBase: publicBase)
    try await TestApp.with(storage: storage) { app in
      for (channel, isPrivate) in [("lab", false), ("secret", true)] {
        try await app.createChannel(channel, isPrivate: isPrivate)
        #expect(try await app.upload(bytes, named: package.fileName, to: channel).status == 201)
      }
      try await body(app, "http://bucket.example/sha256/\(digest.prefix(2))/\(digest)")
    }
  }

  @Test func areA307ThatNoCacheKeeps() async throws {
    try await Self.withFile { app, url in
      let answer = try await app.send(.get, "/get/lab/\(Self.file)")
      #expect(answer.status == 307)
      #expect(answer.headers[.location] == url + "?method=GET&expires=60&signature=s3cr3t")
      #expect(answer.headers[.cacheControl] == "private, no-store")
      #expect(answer.body.isEmpty)
    }
  }

  @Test func leaveHEADAndRangesAndIndexFilesToUs() async throws {
    try await Self.withFile { app, _ in
      #expect(try await app.send(.head, "/get/lab/\(Self.file)").status == 200)
      let part = try await app.send(.get, "/get/lab/\(Self.file)", headers: [.range: "bytes=0-9"])
      #expect(part.status == 206)
      #expect(part.body.count == 10)
      #expect(try await app.send(.get, "/get/lab/noarch/repodata_shards.msgpack.zst").status == 200)
    }
  }

  @Test func answerConditionsBeforeSendingAnyoneAway() async throws {
    try await Self.withFile { app, _ in
      let head = try await app.send(.head, "/get/lab/\(Self.file)")
      let etag = try #require(head.headers[.eTag])
      let answer = try await app.send(.get, "/get/lab/\(Self.file)", headers: [.ifNoneMatch: etag])
      #expect(answer.status == 304)
    }
  }

  @Test func keepKeysThatClientsWouldCarryAlong() async throws {
    try await Self.withFile { app, _ in
      let key = try #require(app.keys["owner"])
      let basic = Data("owner:\(key)".utf8).base64EncodedString()
      let path = "/get/secret/\(Self.file)"
      #expect(try await app.send(.get, path, headers: [.authorization: "Bearer \(key)"]).status == 307)
      #expect(try await app.send(.get, path, headers: [.authorization: "Basic \(basic)"]).status == 307)
      #expect(try await app.send(.get, path, headers: [.apiKey: key]).status == 200)
      #expect(try await app.send(.get, "/t/\(key)\(path)").status == 200)
      #expect(try await app.send(.get, "/t/wrong/get/lab/\(Self.file)").status == 200)
      #expect(try await app.send(.get, path).status == 401)
    }
  }

  @Test func sendEveryLoginAwayWhereThatIsWanted() async throws {
    try await Self.withFile(.all) { app, _ in
      let key = try #require(app.keys["owner"])
      #expect(try await app.send(.get, "/t/\(key)/get/secret/\(Self.file)").status == 307)
      #expect(try await app.send(.get, "/get/secret/\(Self.file)", headers: [.apiKey: key]).status == 307)
    }
  }

  @Test func goToTheCDNForPublicChannelsOnly() async throws {
    try await Self.withFile(publicBase: "https://cdn.example/packages/") { app, url in
      let key = try #require(app.keys["owner"])
      let digestPath = url.dropFirst("http://bucket.example/".count)
      let open = try await app.send(.get, "/get/lab/\(Self.file)")
      #expect(open.headers[.location] == "https://cdn.example/packages/" + digestPath)
      let closed = try await app.send(
        .get, "/get/secret/\(Self.file)", headers: [.authorization: "Bearer \(key)"])
      #expect(closed.headers[.location]?.hasPrefix(url) == true)
    }
  }

  @Test func countAsDownloads() async throws {
    try await Self.withFile { app, _ in
      for _ in 0..<3 { _ = try await app.send(.get, "/get/lab/\(Self.file)") }
      await app.server.services.downloadCounter.flush()
      let versions = try await app.send(.get, "/api/channels/lab/packages/far/versions")
      #expect(versions.json?.asArray?.first?["download_count"] == 3)
    }
  }

  @Test func signLinksForAnNginxOnTheSameDisk() async throws {
    let toml = """
      [local_store]
      redirect_enabled = true
      redirect_secret = "shared with nginx"
      redirect_expiration = 60
      """
    let bytes = try Self.package.bytes()
    let digest = try ArchiveWriting.sha256(bytes)
    try await TestApp.with(toml: toml, now: { Date(timeIntervalSince1970: 1_800_000_000.5) }) { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(bytes, named: Self.package.fileName, to: "lab").status == 201)
      let answer = try await app.send(.get, "/get/lab/\(Self.file)")
      #expect(answer.status == 307)
      let location = try #require(answer.headers[.location])
      let path = "sha256/\(digest.prefix(2))/\(digest)"
      #expect(location.hasPrefix("/files/\(path)?md5="))
      #expect(location.hasSuffix("&expires=1800000060"))
    }
  }
}
