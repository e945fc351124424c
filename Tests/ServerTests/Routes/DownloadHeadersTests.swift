import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Server
import TestSupport
import Testing

@Suite struct DownloadHeadersTests {
  static let package = PackageBuilder(name: "demo", version: "1.0", build: "0", format: .conda)

  /// A channel with one package of each format; its name is `lab`.
  static func withChannel(
    isPrivate: Bool = false, _ body: @Sendable (TestApp) async throws -> Void
  ) async throws {
    try await TestApp.with { app in
      #expect(try await app.createChannel("lab", isPrivate: isPrivate).status == 201)
      for format in ArtifactFormat.allCases {
        let builder = PackageBuilder(name: "demo", version: "1.0", build: "0", format: format)
        #expect(try await app.upload(builder, to: "lab").status == 201)
      }
      try await app.settle("lab")
      try await body(app)
    }
  }

  /// The path of a shard that the index names now.
  static func shardPath(_ app: TestApp) async throws -> String {
    let shards = try await ShardReader(app: app, channel: "lab", subdir: "noarch").index()
    let digest = try #require(shards.first?.value)
    return "noarch/shards/\(digest).msgpack.zst"
  }

  static func paths(_ app: TestApp) async throws -> [String: (type: String, caching: String)] {
    let fresh = "max-age=0, must-revalidate"
    let forEver = "max-age=31536000, immutable"
    return [
      "": ("text/html; charset=utf-8", fresh), "index.html": ("text/html; charset=utf-8", fresh),
      "channeldata.json": ("application/json", fresh), "noarch/": ("text/html; charset=utf-8", fresh),
      "noarch": ("text/html; charset=utf-8", fresh), "noarch/index.html": ("text/html; charset=utf-8", fresh),
      "noarch/repodata.json": ("application/json", fresh),
      "noarch/repodata.json.zst": ("application/zstd", fresh),
      "noarch/repodata_shards.msgpack.zst": ("application/zstd", fresh),
      try await shardPath(app): ("application/zstd", forEver),
      "noarch/demo-1.0-0.conda": ("application/octet-stream", forEver),
      "noarch/demo-1.0-0.tar.bz2": ("application/x-bzip2", forEver),
    ]
  }

  @Test func describesEveryKindOfFile() async throws {
    try await Self.withChannel { app in
      for (path, expected) in try await Self.paths(app) {
        let answer = try await app.send(.get, "/get/lab/\(path)")
        #expect(answer.status == 200, "\(path)")
        #expect(answer.headers[.contentType] == expected.type, "\(path)")
        #expect(answer.headers[.cacheControl] == "public, \(expected.caching)", "\(path)")
        #expect(answer.headers[.contentLength] == String(answer.body.count), "\(path)")
        #expect(answer.headers[.init("Content-Size")!] == String(answer.body.count), "\(path)")
        #expect(answer.headers[.acceptRanges] == "bytes", "\(path)")
        // The strong tag is the digest of these very bytes, so no two representations can share one.
        #expect(answer.headers[.eTag] == "\"\(try ArchiveWriting.sha256(answer.body))\"", "\(path)")
        let modified = try #require(answer.headers[.lastModified])
        #expect(modified.hasSuffix(" GMT"), "\(path)")
        #expect(answer.headers[.contentEncoding] == nil, "\(path)")
      }
    }
  }

  @Test func answersHEADAsGETButWithoutABody() async throws {
    try await Self.withChannel { app in
      var paths = Array(try await Self.paths(app).keys).map { "/get/lab/" + $0 }
      paths += [
        "/get/lab", "/get/lab/noarch/none-1-0.conda", "/get/lab/linux-64/repodata.json",
        "/get/none/noarch/repodata.json",
      ]
      for path in paths {
        let (get, head) = (try await app.send(.get, path), try await app.send(.head, path))
        #expect(head.status == get.status, "\(path)")
        #expect(head.steadyHeaders == get.steadyHeaders, "\(path)")
        #expect(head.body.isEmpty, "\(path)")
        #expect(!get.body.isEmpty, "\(path)")
      }
    }
  }

  @Test func keepsTheConnectionInStepAfterHEAD() async throws {
    try await Self.withChannel { app in
      let request = { (method: String, path: String, last: Bool) in
        "\(method) /get/lab/\(path) HTTP/1.1\r\nHost: x\r\n\(last ? "Connection: close\r\n" : "")\r\n"
      }
      let bytes = try await RawConnection.exchange(
        app.baseURL,
        sending: request("HEAD", "noarch/repodata.json", false) + request("HEAD", "noarch/none.json", false)
          + request("HEAD", "noarch/demo-1.0-0.conda", false)
          + request("GET", "noarch/demo-1.0-0.conda", true))
      let answers = try RawConnection.answers(in: bytes) { $0 == 3 }
      #expect(answers.map(\.status) == [200, 404, 200, 200])
      #expect(answers.last?.body == (try Self.package.bytes()))
      #expect(answers[0].headers["content-length"] != "0")
    }
  }

  @Test func hasDistinctTagsForThePlainAndTheCompressedIndex() async throws {
    try await Self.withChannel { app in
      let plain = try await app.send(.get, "/get/lab/noarch/repodata.json")
      let compressed = try await app.send(.get, "/get/lab/noarch/repodata.json.zst")
      let (first, second) = (plain.headers[.eTag], compressed.headers[.eTag])
      #expect(first != nil && second != nil && first != second)
      #expect(first?.hasPrefix("\"") == true && second?.hasPrefix("\"") == true)
    }
  }

  @Test func keepsFilesOfAPrivateChannelOutOfSharedCaches() async throws {
    try await Self.withChannel(isPrivate: true) { app in
      for path in [
        "noarch/repodata.json", "noarch/demo-1.0-0.conda", "index.html", "noarch/repodata_shards.msgpack.zst",
      ] {
        let answer = try await app.send(.get, "/get/lab/\(path)", as: "owner")
        #expect(answer.status == 200)
        #expect(answer.headers[.cacheControl]?.hasPrefix("private, ") == true, "\(path)")
      }
    }
  }

  @Test func letsCachesAskAgainForWhatWasReplacedOnce() async throws {
    try await TestApp.with { app in
      let body = #"{"name":"lab","private":false,"ttl":77}"#
      #expect(try await app.send(.post, "/api/channels", as: "owner", body: .text(body)).status == 201)
      var builder = Self.package
      #expect(try await app.upload(builder, to: "lab").status == 201)
      let path = "/get/lab/noarch/demo-1.0-0.conda"
      let first = try await app.send(.get, path)
      #expect(first.headers[.cacheControl] == "public, max-age=31536000, immutable")
      builder.payload.append(ArchiveFile("share/more.txt", text: "more"))
      #expect(try await app.upload(builder, to: "lab", force: true).status == 201)
      let second = try await app.send(.get, path)
      #expect(second.headers[.cacheControl] == "public, max-age=77")
      #expect(second.headers[.eTag] != first.headers[.eTag])
      #expect(second.body == (try builder.bytes()))
    }
  }

  @Test func neverGuessesTypesOfPages() async throws {
    try await Self.withChannel { app in
      for path in ["/get/lab/", "/get/lab/noarch/"] {
        let headers = try await app.send(.get, path).headers
        #expect(headers[.xContentTypeOptions] == "nosniff")
        #expect(headers[.contentSecurityPolicy]?.hasPrefix("default-src 'none'") == true)
      }
    }
  }

  @Test(arguments: [
    "noarch/none-1.0-0.conda", "noarch/none-1.0-0.tar.bz2", "noarch/repodata.json.bz2",
    "linux-64/repodata.json",
    "linux-64/repodata.json.zst", "linux-64/repodata_shards.msgpack.zst", "linux-64/", "win-64", "feed.xml",
    "x/y/z/w",
    "noarch/shards/\(String(repeating: "00", count: 32)).msgpack.zst", "linux-64/run_exports.json.zst",
  ])
  func answersMissingFilesWith404ThatCachesForgetSoon(path: String) async throws {
    try await Self.withChannel { app in
      let answer = try await app.send(.get, "/get/lab/\(path)")
      #expect(answer.status == 404)
      #expect(answer.headers[.cacheControl] == "max-age=5")
      let shown = path.hasSuffix("/") ? path + "index.html" : path
      #expect(answer.detail?.asString?.hasPrefix("lab/\(shown)") == true, "\(answer.text)")
      #expect(answer.detail?.asString?.hasSuffix(" not found") == true, "\(answer.text)")
    }
  }

  @Test func countsDownloadsOfGETOnly() async throws {
    try await Self.withChannel { app in
      let path = "/get/lab/noarch/demo-1.0-0.conda"
      _ = try await app.send(.head, path)
      for _ in 0..<3 { _ = try await app.send(.get, path) }
      _ = try await app.send(.get, path, headers: [.ifNoneMatch: "*"])
      _ = try await app.send(.get, path, headers: [.range: "bytes=10-20"])
      _ = try await app.send(.get, "/get/lab/noarch/none-1.0-0.conda")
      await app.server.services.downloadCounter.flush()
      let version = try await app.json("/api/channels/lab/packages/demo/versions/noarch/demo-1.0-0.conda")
      #expect(version["download_count"] == 3)
    }
  }
}
