import CondaTypes
import Foundation
import HTTPTypes
import Server
import TestSupport
import Testing

@Suite struct DownloadShardsTests {
  private static func package(_ name: String, _ version: String = "1.0", _ format: ArtifactFormat = .conda)
    -> PackageBuilder
  {
    PackageBuilder(name: name, version: version, build: "0", format: format)
  }

  private static func reader(_ app: TestApp) -> ShardReader {
    ShardReader(app: app, channel: "lab", subdir: "noarch")
  }

  @Test func listExactlyThePackages() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      for package in [
        Self.package("alpha"), Self.package("alpha", "2.0"), Self.package("alpha", "1.0", .tarBzip2),
        Self.package("beta"),
      ] {
        #expect(try await app.upload(package, to: "lab").status == 201)
      }
      let index = try await Self.reader(app).index()
      #expect(Set(index.keys) == ["alpha", "beta"])
      let alpha = try await Self.reader(app).shard(try #require(index["alpha"]))
      #expect(alpha["packages"]?.keys == ["alpha-1.0-0.tar.bz2"])
      #expect(alpha["packages.conda"]?.keys == ["alpha-1.0-0.conda", "alpha-2.0-0.conda"])
    }
  }

  @Test func haveEveryKeyThatClientsRequire() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(Self.package("alpha"), to: "lab").status == 201)
      let index = try await Self.reader(app).index()
      let shard = try await Self.reader(app).shard(try #require(index["alpha"]))
      // All three must be there, also where they are empty: rattler refuses the shard otherwise.
      #expect(shard["packages"] == .map([]))
      #expect(shard["removed"] == .array([]))
      #expect(shard["packages.conda"]?.keys?.count == 1)
      let document = try await Self.reader(app).document()
      let info = try #require(document["info"])
      #expect(info["subdir"] == .string("noarch"))
      for key in ["base_url", "shards_base_url"] {
        guard case .string = info[key] else { Issue.record("no \(key) in \(info)"); continue }
      }
      #expect(info["shards_base_url"] == .string("./shards/"))
      #expect(document["version"] == .integer(1))
    }
  }

  @Test func holdTheRecordsOfRepodata() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      var rich = Self.package("rich")
      rich.depends = ["python >=3.12", "é"]
      rich.constrains = ["other <2"]
      rich.runExportsJSON = .text(#"{"weak":["rich >=1.0"],"strong":["rich"]}"#)
      rich.indexFields = [
        "track_features": "mkl", "custom_key": ["nested": [1, .number(2.5), .bool(true), .null]],
        "license_family": "BSD",
      ]
      for package in [rich, Self.package("plain", "1.0", .tarBzip2), Self.package("plain", "2.0")] {
        #expect(try await app.upload(package, to: "lab").status == 201)
      }
      try await app.settle("lab")
      let repodata = try await app.json("/get/lab/noarch/repodata.json")
      let records = (repodata["packages"]?.asObject ?? [:]).merging(
        repodata["packages.conda"]?.asObject ?? [:]
      ) { a, _ in a }
      let shards = try await Self.reader(app).records()
      #expect(Set(shards.keys) == Set(records.keys))
      #expect(records.count == 3)
      for (name, record) in records {
        let shard = try #require(shards[name])
        for key in ["sha256", "md5"] {
          guard case .binary(let bytes) = shard[key] else {
            Issue.record("\(name): \(key) is no bin"); continue
          }
          #expect(bytes.count == (key == "md5" ? 16 : 32))
        }
        var fields = try #require(shard.json.asObject)
        // Bytes are shown as hex by `json`, which is how repodata.json writes digests.
        let runExports = fields.removeValue(forKey: "run_exports")
        #expect(JSONValue.object(fields) == record, "\(name)")
        #expect(
          runExports
            == (name.hasPrefix("rich") ? ["weak": ["rich >=1.0"], "strong": ["rich"]] : .object([:])),
          "\(name)")
        #expect(record["run_exports"] == nil)
      }
    }
  }

  @Test func hashOfTheUploadedBytes() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let package = Self.package("alpha")
      let bytes = try package.bytes()
      #expect(try await app.upload(bytes, named: package.fileName, to: "lab").status == 201)
      let record = try #require(try await Self.reader(app).records()[package.fileName]?.json)
      #expect(record["sha256"]?.asString == (try ArchiveWriting.sha256(bytes)))
      #expect(record["size"]?.asInteger == Int64(bytes.count))
      #expect(record["name"] == "alpha")
      #expect(record["subdir"] == "noarch")
    }
  }

  @Test func areStillServedAfterTheyWereReplaced() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(Self.package("alpha"), to: "lab").status == 201)
      #expect(try await app.upload(Self.package("beta"), to: "lab").status == 201)
      let before = try await Self.reader(app).index()
      #expect(try await app.upload(Self.package("alpha", "2.0"), to: "lab").status == 201)
      let after = try await Self.reader(app).index()
      #expect(before["alpha"] != after["alpha"])
      #expect(before["beta"] == after["beta"])
      let old = try await Self.reader(app).shard(try #require(before["alpha"]))
      #expect(old["packages.conda"]?.keys == ["alpha-1.0-0.conda"])
      let new = try await Self.reader(app).shard(try #require(after["alpha"]))
      #expect(new["packages.conda"]?.keys == ["alpha-1.0-0.conda", "alpha-2.0-0.conda"])
      // Collecting garbage does not take it from clients that hold the older index.
      try await app.server.collectGarbage.collect()
      _ = try await Self.reader(app).shard(try #require(before["alpha"]))
    }
  }

  @Test func areThereAsSoonAsTheUploadIsAnswered() async throws {
    try await TestApp.with(toml: "") { app in
      try await app.createChannel("lab")
      for number in 0..<5 {
        let package = Self.package("alpha", "\(number)")
        #expect(try await app.upload(package, to: "lab").status == 201)
        #expect(try await Self.reader(app).records()[package.fileName] != nil)
      }
    }
  }

  @Test func followManyUploadsAtOnce() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<12 {
          group.addTask {
            let package = Self.package("p\(number % 3)", "1.\(number)")
            let status = try await app.upload(package, to: "lab").status
            #expect(status == 201)
            let records = try await Self.reader(app).records()
            #expect(records[package.fileName] != nil)
          }
        }
        try await group.waitForAll()
      }
      #expect(try await Self.reader(app).records().count == 12)
      #expect(try await app.repodataFileNames("lab", "noarch").count == 12)
    }
  }

  @Test func appearInEverySubdirOfTheirArtifacts() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      for subdir in ["linux-64", "osx-arm64"] {
        var package = Self.package("native")
        (package.subdir, package.noarch) = (subdir, nil)
        package.build = subdir.replacingOccurrences(of: "-", with: "_")
        #expect(try await app.upload(package, to: "lab").status == 201)
        let records = try await ShardReader(app: app, channel: "lab", subdir: subdir).records()
        #expect(Array(records.keys) == [package.fileName])
        #expect(try await app.repodataFileNames("lab", subdir) == [package.fileName])
      }
      #expect(try await Self.reader(app).records().isEmpty)
      #expect(
        try await app.json("/get/lab/channeldata.json")["subdirs"] == ["linux-64", "osx-arm64", "noarch"])
    }
  }
}
