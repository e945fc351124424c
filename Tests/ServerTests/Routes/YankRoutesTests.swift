import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import TestSupport
import Testing

/// Out of the index with a reason, and back.
@Suite struct YankRoutesTests {
  private static let version = "/api/channels/lab/packages/demo/versions/noarch/demo-2.0-0.conda"
  private static let file = "demo-2.0-0.conda"

  private static func withTwoVersions(_ body: @Sendable (TestApp) async throws -> Void) async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      for version in ["1.0", "2.0"] {
        var package = PackageBuilder(version: version)
        package.runExportsJSON = .text(#"["demo"]"#)
        #expect(try await app.upload(package, to: "lab").status == 201)
      }
      try await app.settle("lab")
      try await body(app)
    }
  }

  /// Where the file is listed, among everything that lists files.
  private static func listings(_ app: TestApp) async throws -> Set<String> {
    try await app.settle("lab")
    var found: Set<String> = []
    for name in ["repodata.json", "current_repodata.json", "run_exports.json"] {
      let document = try await app.json("/get/lab/noarch/\(name)")
      if document["packages.conda"]?[file] != nil { found.insert(name) }
      if document["removed"]?.asArray?.contains(.string(file)) == true { found.insert("\(name) removed") }
    }
    let reader = ShardReader(app: app, channel: "lab", subdir: "noarch")
    let shard = try await reader.shard(#require(try await reader.index()["demo"])).json
    if shard["packages.conda"]?[file] != nil { found.insert("shard") }
    if shard["removed"] == [.string(file)] { found.insert("shard removed") }
    if try await app.json("/get/lab/channeldata.json")["packages"]?["demo"]?["version"] == "2.0" {
      found.insert("channeldata")
    }
    return found
  }

  @Test func takeAnArtifactOutOfTheIndexAndPutItBackByteForByte() async throws {
    try await Self.withTwoVersions { app in
      let everywhere = try await Self.listings(app)
      #expect(
        everywhere == ["repodata.json", "current_repodata.json", "run_exports.json", "shard", "channeldata"])
      let before = try await app.send(.get, "/get/lab/noarch/repodata.json.zst").body

      let answer = try await app.send(
        .post, Self.version + "/yank", as: "owner", json: ["reason": "breaks <b>linking</b>"])
      #expect(answer.status == 200)
      #expect(answer.json?["yanked"] == true && answer.json?["yank_reason"] == "breaks <b>linking</b>")
      #expect(
        try await Self.listings(app) == [
          "repodata.json removed", "current_repodata.json removed", "shard removed",
        ])
      #expect(try await app.send(.get, "/get/lab/noarch/\(Self.file)").status == 200)
      #expect(try await app.json("/api/channels/lab/packages/demo")["current_version"] == "1.0")
      let page = try await app.send(.get, "/get/lab/noarch/").text
      #expect(page.contains("yanked: breaks &lt;b&gt;linking&lt;/b&gt;"))

      let back = try await app.send(.delete, Self.version + "/yank", as: "owner")
      #expect(back.status == 200 && back.json?["yanked"] == nil)
      #expect(try await Self.listings(app) == everywhere)
      #expect(try await app.send(.get, "/get/lab/noarch/repodata.json.zst").body == before)
      #expect(try await app.json("/api/channels/lab/packages/demo")["current_version"] == "2.0")
    }
  }

  @Test func sayWhyOnVersionsThatAreYankedAndNothingOnOthers() async throws {
    try await Self.withTwoVersions { app in
      for reason in ["first", "second"] {
        _ = try await app.send(.post, Self.version + "/yank", as: "owner", json: ["reason": .string(reason)])
      }
      let versions = try #require(
        try await app.json("/api/channels/lab/packages/demo/versions").asArray)
      #expect(versions.map { $0["yank_reason"] } == ["second", nil])
      #expect(versions[0].keys == versions[1].keys.union(["yanked", "yank_reason"]))
      #expect(try await app.json(Self.version)["yanked"] == true)
    }
  }

  @Test func leaveThePackageWhenEverythingInItIsYanked() async throws {
    try await Self.withTwoVersions { app in
      for version in ["1.0", "2.0"] {
        let path = "/api/channels/lab/packages/demo/versions/noarch/demo-\(version)-0.conda/yank"
        #expect(try await app.send(.post, path, as: "owner", json: ["reason": "x"]).status == 200)
      }
      try await app.settle("lab")
      let package = try await app.json("/api/channels/lab/packages/demo")
      #expect(package["current_version"] == .null && package["summary"] == "Summary of demo")
      #expect(try await app.json("/get/lab/channeldata.json")["packages"]?["demo"] == [:])
      let channel = try #require(try await app.metadata.channel(named: "lab"))
      let empty = try await app.metadata.emptyPackages(channelID: channel.id)
      #expect(empty.isEmpty)
      #expect(try await app.send(.get, "/get/lab/noarch/\(Self.file)").status == 200)
    }
  }

  @Test func endWhenTheFileGetsOtherBytes() async throws {
    try await Self.withTwoVersions { app in
      _ = try await app.send(.post, Self.version + "/yank", as: "owner", json: ["reason": "x"])
      var package = PackageBuilder(version: "2.0")
      package.runExportsJSON = .text(#"["demo"]"#)
      #expect(try await app.upload(package, to: "lab", force: true).status == 201)
      #expect(try await app.json(Self.version)["yanked"] == true, "the same bytes are as bad as before")
      package.payload.append(ArchiveFile("share/more.txt", text: "more"))
      #expect(try await app.upload(package, to: "lab", force: true).status == 201)
      #expect(try await app.json(Self.version)["yanked"] == nil)
      #expect(try await Self.listings(app).contains("shard"))
    }
  }

  @Test func areWrittenDown() async throws {
    try await Self.withTwoVersions { app in
      _ = try await app.send(.post, Self.version + "/yank", as: "owner", json: ["reason": "bad"])
      for _ in 0..<2 { _ = try await app.send(.delete, Self.version + "/yank", as: "owner") }
      let lines = try await app.json("/api/audit?channel=lab&limit=2", as: "owner")["result"]?.asArray ?? []
      #expect(lines.map { $0["action"] } == ["artifact.unyank", "artifact.yank"])
      #expect(lines.last?["detail"] == ["reason": "bad"])
      #expect(lines.last?["subject"] == "noarch/demo-2.0-0.conda")
      #expect(lines.last?["actor"] == "owner")
    }
  }

  @Test(arguments: [#"{}"#, #"{"reason":""}"#, #"{"reason":" "}"#, #"{"reason":1}"#, "[]", ""])
  func wantAReason(body: String) async throws {
    try await Self.withTwoVersions { app in
      let answer = try await app.send(.post, Self.version + "/yank", as: "owner", body: .text(body))
      #expect(answer.status == 422)
      #expect(try await app.json(Self.version)["yanked"] == nil)
    }
  }

  @Test func areRefusedForWhatIsNotThere() async throws {
    try await Self.withTwoVersions { app in
      for path in [
        "/api/channels/lab/packages/demo/versions/noarch/demo-3.0-0.conda/yank",
        "/api/channels/lab/packages/other/versions/noarch/demo-2.0-0.conda/yank",
        "/api/channels/none/packages/demo/versions/noarch/demo-2.0-0.conda/yank",
      ] {
        let yank = try await app.send(.post, path, as: "owner", json: ["reason": "x"])
        let unyank = try await app.send(.delete, path, as: "owner")
        #expect(yank.status == 404 && unyank.status == 404)
      }
    }
  }
}
