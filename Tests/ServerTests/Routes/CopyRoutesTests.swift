import CondaTypes
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

/// Copies and restorations: rows move, bytes do not.
@Suite struct CopyRoutesTests {
  private static let package = PackageBuilder(name: "a", version: "1.0", build: "0")
  private static let query =
    "source_channel=src&source_package=a&subdir=noarch&filename=\(package.fileName)"

  private static func copy(_ app: TestApp, as user: String?, query: String = query) async throws -> Answer {
    try await app.send(.post, "/api/channels/dst/packages/copy?\(query)", as: user)
  }

  @Test func putTheSameBytesIntoAnotherChannel() async throws {
    try await TestApp.with { app in
      for name in ["src", "dst"] { try await app.createChannel(name) }
      #expect(try await app.upload(Self.package, to: "src").status == 201)
      let before = try await app.footprint()
      let answer = try await Self.copy(app, as: "owner")
      #expect(answer.status == 201 && answer.text == "null")
      let after = try await app.footprint()
      #expect(after.blobs == before.blobs)
      #expect(after.artifactRows == 2 && after.marks == 0)
      let path = "/noarch/\(Self.package.fileName)"
      let (from, to) = (
        try await app.send(.get, "/get/src" + path), try await app.send(.get, "/get/dst" + path)
      )
      #expect(to.status == 200 && to.body == from.body)
      #expect(try await app.repodataFileNames("dst", "noarch") == [Self.package.fileName])
      #expect(
        try await ShardReader(app: app, channel: "dst", subdir: "noarch").records().keys.sorted()
          == [Self.package.fileName])
      let (original, copied) = (
        try await app.json("/api/channels/src/packages/a/versions").asArray?.first,
        try await app.json("/api/channels/dst/packages/a/versions").asArray?.first
      )
      #expect(original?["info"] == copied?["info"] && original?["id"] != copied?["id"])
      #expect(try await app.json("/api/channels/dst/packages/a")["current_version"] == "1.0")
      #expect(try await app.metadata.channel(named: "dst")?.size == app.metadata.channel(named: "src")?.size)
      expect(try await Self.copy(app, as: "owner"), 409, "Duplicate")
      // The source may go; its bytes stay.
      #expect(try await app.send(.delete, "/api/channels/src", as: "owner").status == 200)
      #expect(try await app.send(.get, "/get/dst" + path).status == 200)
    }
  }

  @Test func checkInUpstreamsOrder() async throws {
    try await TestApp.with { app in
      try await app.createChannel("src", isPrivate: true)
      try await app.createChannel("dst")
      #expect(try await app.upload(Self.package, to: "src").status == 201)
      expect(
        try await app.send(.post, "/api/channels/none/packages/copy"), 404, "Channel none not found")
      let missing = try await Self.copy(app, as: nil, query: "source_channel=src&subdir=noarch")
      #expect(missing.status == 422)
      #expect(
        missing.detail?.asArray?.map { $0["loc"] } == [["query", "source_package"], ["query", "filename"]])
      expect(try await Self.copy(app, as: nil), 401, "Not logged in")
      expect(
        try await Self.copy(app, as: "nobody", query: Self.query.replacing("src", with: "zz")), 404,
        "Channel zz not found")
      expect(try await Self.copy(app, as: "nobody"), 403, "No permission")
      try await app.setRole(.member, of: "nobody", in: "src")
      expect(
        try await Self.copy(app, as: "nobody", query: Self.query.replacing("package=a", with: "package=b")),
        404,
        "Package src/b not found")
      #expect(
        try await Self.copy(app, as: "nobody", query: Self.query.replacing("noarch", with: "osx-64")).status
          == 404)
      #expect(
        try await app.send(.patch, "/api/channels/dst", as: "owner", json: ["size_limit": 10]).status == 200)
      expect(try await Self.copy(app, as: "nobody"), 422, "dst is above quota of 10 bytes")
      #expect(
        try await app.send(.patch, "/api/channels/dst", as: "owner", json: ["size_limit": .null]).status
          == 200)
      expect(try await Self.copy(app, as: "nobody"), 403, "No permission")
      #expect(try await app.json("/api/channels/dst/packages") == [])
      try await app.setRole(.maintainer, of: "nobody", in: "dst")
      #expect(try await Self.copy(app, as: "nobody").status == 201)
    }
  }

  private static let restore = "/api/channels/src/packages/a/versions/noarch/\(package.fileName)/restore"

  @Test(arguments: ["/versions/noarch/\(package.fileName)", ""])
  func bringBackWhatWasDeleted(path: String) async throws {
    let clock = TestClock(1_800_000_000)
    try await TestApp.with(toml: "[storage]\nsoft_delete_package = true", now: { clock.date }) { app in
      try await app.createChannel("src")
      #expect(try await app.upload(Self.package, to: "src", as: "maintainer").status == 201)
      let created = try await app.json("/api/channels/src/packages/a/versions").asArray?.first?[
        "time_created"]
      clock.advance(3600)
      #expect(try await app.send(.delete, "/api/channels/src/packages/a" + path, as: "owner").status == 200)
      #expect(try await app.send(.get, "/api/channels/src/packages/a").status == 404)
      #expect(try await app.metadata.channel(named: "src")?.size == 0)
      clock.advance(10 * 86_400)
      try await app.server.collectGarbage.collect()
      expect(try await app.send(.post, Self.restore), 401, "Not logged in")
      expect(try await app.send(.post, Self.restore, as: "nobody"), 403, "No permission")
      #expect(try await app.send(.post, Self.restore, as: "owner").status == 201)
      let version = try await app.json("/api/channels/src/packages/a/versions").asArray?.first
      #expect(version?["time_created"] == created)
      #expect(version?["uploader"]?["name"] == "Maintainer")
      #expect(try await app.send(.get, "/get/src/noarch/\(Self.package.fileName)").status == 200)
      #expect(try await app.repodataFileNames("src", "noarch") == [Self.package.fileName])
      expect(try await app.send(.post, Self.restore, as: "owner"), 404, "Package version not found")
    }
  }

  @Test func bringBackYankedWhatWasYanked() async throws {
    try await TestApp.with(toml: "[storage]\nsoft_delete_package = true") { app in
      for name in ["src", "dst"] { try await app.createChannel(name) }
      #expect(try await app.upload(Self.package, to: "src").status == 201)
      let version = "/api/channels/src/packages/a/versions/noarch/\(Self.package.fileName)"
      let yank = try await app.send(.post, version + "/yank", as: "owner", json: ["reason": "broken"])
      #expect(yank.status == 200)
      #expect(try await app.send(.delete, version, as: "owner").status == 200)
      #expect(try await app.send(.post, Self.restore, as: "owner").status == 201)
      let versions = try await app.json("/api/channels/src/packages/a/versions").asArray
      #expect(versions?.first?["yank_reason"] == "broken")
      #expect(try await app.repodataFileNames("src", "noarch").isEmpty)
      // A copy is somebody else's decision.
      #expect(try await Self.copy(app, as: "owner").status == 201)
      #expect(try await app.repodataFileNames("dst", "noarch") == [Self.package.fileName])
    }
  }

  @Test func forgetWhatWasDeletedLongAgo() async throws {
    let clock = TestClock(1_800_000_000)
    try await TestApp.with(
      toml: "[storage]\nsoft_delete_package = true\ndeleted_retention_days = 5", now: { clock.date }
    ) { app in
      try await app.createChannel("src")
      #expect(try await app.upload(Self.package, to: "src").status == 201)
      #expect(try await app.send(.delete, "/api/channels/src/packages/a", as: "owner").status == 200)
      clock.advance(4 * 86_400)
      try await app.server.collectGarbage.collect()
      #expect(try await app.footprint().blobs.count == 1)
      clock.advance(2 * 86_400)
      try await app.server.collectGarbage.collect()
      #expect(try await app.footprint().blobs.isEmpty)
      expect(try await app.send(.post, Self.restore, as: "owner"), 404, "Package version not found")
    }
  }

  @Test func restoreNothingUnlessDeletedPackagesAreKept() async throws {
    try await TestApp.with { app in
      try await app.createChannel("src")
      #expect(try await app.upload(Self.package, to: "src").status == 201)
      #expect(try await app.send(.delete, "/api/channels/src/packages/a", as: "owner").status == 200)
      expect(try await app.send(.post, Self.restore, as: "owner"), 404, "Package version not found")
    }
  }

  /// A new channel of the same name belongs to somebody else.
  @Test func neverRestoreFromADeletedChannelOfTheSameName() async throws {
    try await TestApp.with(toml: "[storage]\nsoft_delete_package = true\nsoft_delete_channel = true") { app in
      try await app.createChannel("src", isPrivate: true)
      #expect(try await app.upload(Self.package, to: "src").status == 201)
      #expect(try await app.send(.delete, "/api/channels/src", as: "owner").status == 200)
      try await app.createChannel("src", as: "member")
      expect(try await app.send(.post, Self.restore, as: "member"), 404, "Package version not found")
      #expect(try await app.footprint().blobs.count == 1)
    }
  }
}
