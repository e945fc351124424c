import CondaArchive
import CondaTypes
import Foundation
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

/// What the whole-subdir and whole-channel documents say after uploads, replacements and deletions.
@Suite struct DownloadIndexTests {
  static let fileName = "demo-1.0-0.conda"

  private static func record(_ app: TestApp, _ name: String = fileName) async throws -> JSONValue? {
    try await app.settle("lab")
    return try await app.json("/get/lab/noarch/repodata.json")["packages.conda"]?[name]
  }

  @Test func haveTheSameContentPlainAndCompressed() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      try await app.settle("lab")
      let plain = try await app.send(.get, "/get/lab/noarch/repodata.json")
      let compressed = try await app.send(.get, "/get/lab/noarch/repodata.json.zst")
      #expect(try ZstdCompression.decompress(compressed.body, limit: 1 << 24) == plain.body)
    }
  }

  @Test func keepTheIndexedTimestampUnlessTheBytesChange() async throws {
    let clock = TestClock(1_800_000_000)
    try await TestApp.with(now: { clock.date }) { app in
      try await app.createChannel("lab")
      var package = PackageBuilder()
      #expect(try await app.upload(package, to: "lab").status == 201)
      let first = try #require(try await Self.record(app))
      #expect(first["indexed_timestamp"] == 1_800_000_000_000)
      #expect(first["time_modified"] == 1_800_000_000)
      #expect(first["timestamp"] == 1_700_000_000_000)

      clock.advance(100)
      #expect(try await app.upload(package, to: "lab", force: true).status == 201)
      let same = try #require(try await Self.record(app))
      #expect(same["indexed_timestamp"] == first["indexed_timestamp"])

      clock.advance(100)
      package.payload.append(ArchiveFile("share/more.txt", text: "more"))
      #expect(try await app.upload(package, to: "lab", force: true).status == 201)
      let other = try #require(try await Self.record(app))
      #expect(other["indexed_timestamp"] == 1_800_000_200_000)
      #expect(other["sha256"] != first["sha256"])
      #expect(other["time_modified"] == 1_800_000_200)
    }
  }

  @Test func keepTheIndexedTimestampWhenEverythingIsIndexedAnew() async throws {
    let clock = TestClock(1_800_000_000)
    try await TestApp.with(now: { clock.date }) { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      let first = try #require(try await Self.record(app))
      let etag = try await app.send(.get, "/get/lab/noarch/repodata.json").headers[.eTag]
      clock.advance(1000)
      let channel = try #require(try await app.metadata.channel(named: "lab"))
      try await app.metadata.markAllStale(channelID: channel.id, subdir: "noarch")
      try await app.server.services.indexer.publish(channelID: channel.id, subdir: "noarch")
      #expect(try await Self.record(app) == first)
      #expect(try await app.send(.get, "/get/lab/noarch/repodata.json").headers[.eTag] == etag)
    }
  }

  @Test func forgetADeletedVersion() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      for version in ["1.0", "2.0"] {
        #expect(try await app.upload(PackageBuilder(version: version), to: "lab").status == 201)
      }
      try await app.settle("lab")
      #expect(try await app.json("/get/lab/channeldata.json")["packages"]?["demo"]?["version"] == "2.0")
      let path = "/api/channels/lab/packages/demo/versions/noarch/demo-2.0-0.conda"
      #expect(try await app.send(.delete, path, as: "owner").status == 200)

      #expect(try await app.send(.get, "/get/lab/noarch/demo-2.0-0.conda").status == 404)
      let reader = ShardReader(app: app, channel: "lab", subdir: "noarch")
      #expect(Array(try await reader.records().keys) == [Self.fileName])
      #expect(try await app.repodataFileNames("lab", "noarch") == [Self.fileName])
      #expect(try await app.json("/get/lab/channeldata.json")["packages"]?["demo"]?["version"] == "1.0")
      for page in ["", "noarch/"] {
        #expect(try await !app.send(.get, "/get/lab/\(page)").text.contains("demo-2.0"), "\(page)")
      }
      #expect(try await app.json("/api/channels/lab/packages/demo")["current_version"] == "1.0")
    }
  }

  @Test func forgetADeletedPackage() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      for name in ["demo", "other"] {
        #expect(try await app.upload(PackageBuilder(name: name), to: "lab").status == 201)
      }
      #expect(try await app.send(.delete, "/api/channels/lab/packages/demo", as: "owner").status == 200)
      let reader = ShardReader(app: app, channel: "lab", subdir: "noarch")
      #expect(try await Array(reader.index().keys) == ["other"])
      #expect(try await app.repodataFileNames("lab", "noarch") == ["other-1.0-0.conda"])
      #expect(try await app.json("/get/lab/channeldata.json")["packages"]?.keys == ["other"])
      #expect(try await !app.send(.get, "/get/lab/").text.contains("demo"))
      #expect(try await app.send(.get, "/api/channels/lab/packages/demo").status == 404)
    }
  }

  @Test func leaveAnEmptyIndexWhenTheLastArtifactGoes() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      try await app.settle("lab")
      let path = "/api/channels/lab/packages/demo/versions/noarch/demo-1.0-0.conda"
      #expect(try await app.send(.delete, path, as: "owner").status == 200)
      #expect(try await app.repodataFileNames("lab", "noarch").isEmpty)
      #expect(try await ShardReader(app: app, channel: "lab", subdir: "noarch").index().isEmpty)
      #expect(try await app.send(.get, "/get/lab/noarch/repodata.json.zst").status == 200)
    }
  }

  @Test func followWithoutBeingAskedFor() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      let deadline = ContinuousClock.now + .seconds(30)
      var isThere = false
      while !isThere, ContinuousClock.now < deadline {
        let repodata = try await app.json("/get/lab/noarch/repodata.json")
        isThere = repodata["packages.conda"]?[Self.fileName] != nil
      }
      #expect(isThere, "the document did not follow the upload within 30 s")
    }
  }

  @Test func describeTheChannelsPackages() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      try await app.settle("lab")
      let data = try await app.json("/get/lab/channeldata.json")
      #expect(data["channeldata_version"] == 1)
      let entry = try #require(data["packages"]?["demo"])
      #expect(entry["summary"] == "Summary of demo")
      #expect(entry["home"] == "https://demo.example")
      #expect(entry["version"] == "1.0")
      #expect(entry["subdirs"] == ["noarch"])
      #expect(entry["timestamp"] == 1_700_000_000)
      let upstream: Set<String> = [
        "activate.d", "binary_prefix", "deactivate.d", "description", "dev_url", "doc_source_url", "doc_url",
        "home",
        "icon_hash", "icon_url", "identifiers", "keywords", "license", "post_link", "pre_link", "pre_unlink",
        "run_exports", "source_git_url", "source_url", "subdirs", "summary", "tags", "text_prefix",
        "timestamp", "version",
      ]
      #expect(upstream.isSubset(of: entry.keys), "missing: \(upstream.subtracting(entry.keys))")
    }
  }
}
