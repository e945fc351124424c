import CondaArchive
import CondaTypes
import Foundation
import HTTPTypes
import TestSupport
import Testing

/// The documents beside repodata: run exports, the current subset, what stands under `v3`.
@Suite struct DownloadDocumentsTests {
  /// Uploads, and brings the documents level.
  static func with(
    _ packages: [PackageBuilder], toml: String = "", _ body: @Sendable (TestApp) async throws -> Void
  ) async throws {
    try await TestApp.with(toml: toml) { app in
      try await app.createChannel("lab")
      for package in packages { #expect(try await app.upload(package, to: "lab").status == 201) }
      try await app.settle("lab")
      try await body(app)
    }
  }

  static func package(
    _ name: String, _ version: String = "1.0", depends: [String] = [], format: ArtifactFormat = .conda,
    _ change: (inout PackageBuilder) -> Void = { _ in }
  ) -> PackageBuilder {
    var package = PackageBuilder(name: name, version: version, build: "0", format: format)
    package.depends = depends
    change(&package)
    return package
  }

  @Test func listTheRunExportsOfEveryArtifact() async throws {
    let packages = [
      Self.package("a") { $0.runExportsJSON = .text(#"{"weak":["a >=1"],"strong":[]}"#) },
      Self.package("b", format: .tarBzip2) { $0.runExportsJSON = .text(#"["b"]"#) },
      Self.package("none"),
    ]
    try await Self.with(packages) { app in
      let document = try await app.json("/get/lab/noarch/run_exports.json")
      #expect(document["info"]?["subdir"] == "noarch" && document["info"]?["version"] == 0)
      #expect(document["packages"] == ["b-1.0-0.tar.bz2": ["run_exports": ["weak": ["b"]]]])
      #expect(
        document["packages.conda"] == [
          "a-1.0-0.conda": ["run_exports": ["weak": ["a >=1"]]], "none-1.0-0.conda": ["run_exports": [:]],
        ])
    }
  }

  @Test(arguments: ["current_repodata.json", "run_exports.json"])
  func areTheSamePlainAndCompressedWithTheHeadersOfRepodata(name: String) async throws {
    try await Self.with([Self.package("a")]) { app in
      let plain = try await app.send(.get, "/get/lab/noarch/\(name)")
      let compressed = try await app.send(.get, "/get/lab/noarch/\(name).zst")
      #expect(try ZstdCompression.decompress(compressed.body, limit: 1 << 24) == plain.body)
      let repodata = try await app.send(.get, "/get/lab/noarch/repodata.json.zst")
      #expect(compressed.headers[.cacheControl] == repodata.headers[.cacheControl])
      #expect(compressed.headers[.contentType] == repodata.headers[.contentType])
      #expect(plain.headers[.eTag] != compressed.headers[.eTag])
      let again = try await app.send(
        .get, "/get/lab/noarch/\(name)", headers: [.ifNoneMatch: plain.headers[.eTag] ?? ""])
      #expect(again.status == 304)
    }
  }

  @Test func keepRecordsOfSchemaVersion3ApartEverywhere() async throws {
    let new: (inout PackageBuilder) -> Void = {
      $0.indexFields = ["schema_version": 3, "flags": ["blas:mkl"]]
    }
    let packages = [
      Self.package("a"), Self.package("a", "2.0", new), Self.package("a", "3.0", format: .tarBzip2, new),
    ]
    try await Self.with(packages) { app in
      let repodata = try await app.json("/get/lab/noarch/repodata.json")
      #expect(repodata["packages"] == [:])
      #expect(repodata["packages.conda"]?.keys == ["a-1.0-0.conda"])
      #expect(repodata["v3"]?["conda"]?.keys == ["a-2.0-0"])
      #expect(repodata["v3"]?["tar.bz2"]?.keys == ["a-3.0-0"])
      #expect(repodata["repodata_version"] == 1)
      let revision = try #require(repodata["info"]?["repodata_revisions"]?["v3"])
      let times = try [("conda", "a-2.0-0"), ("tar.bz2", "a-3.0-0")].map { format, name in
        try #require(repodata["v3"]?[format]?[name]?["indexed_timestamp"]?.asInteger)
      }
      #expect(revision["n_packages"] == 2)
      #expect(revision["oldest"]?.asInteger == times.min() && revision["newest"]?.asInteger == times.max())

      let exports = try await app.json("/get/lab/noarch/run_exports.json")
      #expect(exports["packages.conda"]?.keys == ["a-1.0-0.conda"])
      #expect(exports["v3"]?["tar.bz2"]?.keys == ["a-3.0-0"])
      let current = try await app.json("/get/lab/noarch/current_repodata.json")
      #expect(current["packages.conda"]?.keys == ["a-1.0-0.conda"] && current["v3"] == nil)
      #expect(current["info"]?["repodata_revisions"] == nil)

      let reader = ShardReader(app: app, channel: "lab", subdir: "noarch")
      let shard = try await reader.shard(#require(try await reader.index()["a"])).json
      #expect(shard["packages"] == [:] && shard["packages.conda"]?.keys == ["a-1.0-0.conda"])
      #expect(shard["v3"]?["conda"]?.keys == ["a-2.0-0"] && shard["v3"]?["tar.bz2"]?.keys == ["a-3.0-0"])
      #expect(try await reader.document().json["info"]?["repodata_revisions"] == ["v3": [:]])
    }
  }

  @Test func sayNothingOfV3WhereThereIsNone() async throws {
    try await Self.with([Self.package("a")]) { app in
      let repodata = try await app.json("/get/lab/noarch/repodata.json")
      #expect(repodata["v3"] == nil && repodata["info"] == ["subdir": "noarch"])
      let index = try await ShardReader(app: app, channel: "lab", subdir: "noarch").document().json
      #expect(index["info"]?["repodata_revisions"] == nil)
    }
  }

  @Test func holdTheNewestVersionsAndWhatTheyNeed() async throws {
    let packages = [
      Self.package("app", "1.0", depends: ["old <1"]),
      Self.package("app", "2.0", depends: ["lib <2", "ghost"]),
      Self.package("lib", "1.0"), Self.package("lib", "1.5", depends: ["base =1"]),
      Self.package("lib", "1.5.0", format: .tarBzip2), Self.package("lib", "2.0"),
      Self.package("base", "1.2"), Self.package("base", "1.3"), Self.package("base", "3.0"),
      Self.package("old", "0.5"), Self.package("old", "1.0"),
    ]
    try await Self.with(packages) { app in
      let current = try await app.json("/get/lab/noarch/current_repodata.json")
      #expect(
        current["packages.conda"]?.keys == [
          "app-2.0-0.conda", "lib-2.0-0.conda", "lib-1.5-0.conda", "base-3.0-0.conda", "base-1.3-0.conda",
          "old-1.0-0.conda",
        ])
      #expect(current["packages"]?.keys == ["lib-1.5.0-0.tar.bz2"])
      let repodata = try await app.json("/get/lab/noarch/repodata.json")
      for (name, record) in current["packages.conda"]?.asObject ?? [:] {
        #expect(record == repodata["packages.conda"]?[name])
      }
    }
  }

  @Test func holdARecordWithoutFeaturesBesideTheNewest() async throws {
    let packages = [
      Self.package("a", "1.0"), Self.package("a", "1.1"),
      Self.package("a", "2.0") { $0.indexFields = ["track_features": "mkl"] },
    ]
    try await Self.with(packages) { app in
      let current = try await app.json("/get/lab/noarch/current_repodata.json")
      #expect(current["packages.conda"]?.keys == ["a-2.0-0.conda", "a-1.1-0.conda"])
    }
  }

  @Test func haveABzip2VariantWhereItIsAskedFor() async throws {
    try await Self.with([Self.package("a")], toml: "bz2 = true") { app in
      let plain = try await app.send(.get, "/get/lab/noarch/repodata.json")
      let bz2 = try await app.send(.get, "/get/lab/noarch/repodata.json.bz2")
      #expect(bz2.status == 200 && bz2.headers[.contentType] == "application/x-bzip2")
      let expected = try ArchiveWriting.bzip2(plain.body)
      #expect(bz2.body == expected)
    }
  }
}
