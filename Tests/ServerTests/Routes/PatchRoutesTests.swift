import CondaArchive
import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import NIOCore
import TestSupport
import Testing

/// Repodata patches: set, shown, previewed, taken back; the index and the shards never disagree.
@Suite struct PatchRoutesTests {
  private static let patches = "/api/channels/lab/patches"
  private static let patch: JSONValue = [
    "patch_instructions_version": 2,
    "packages": ["demo-1.0-0.tar.bz2": ["depends": ["python <4"], "license": .null]],
    "packages.conda": [
      "demo-1.0-0.conda": ["constrains": ["other >1"], "run_exports": ["weak": ["demo 1.*"]]],
      "ghost-1.0-0.conda": ["depends": []],
    ], "remove": ["old-1.0-0.conda"], "revoke": ["bad-1.0-0.conda"],
  ]

  private static func with(_ body: @Sendable (TestApp) async throws -> Void) async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      for name in ["demo", "old", "bad", "plain"] {
        #expect(try await app.upload(PackageBuilder(name: name), to: "lab").status == 201)
      }
      let twin = PackageBuilder(name: "demo", format: .tarBzip2)
      #expect(try await app.upload(twin, to: "lab").status == 201)
      try await app.settle("lab")
      try await body(app)
    }
  }

  private static func set(_ app: TestApp, _ patch: JSONValue = patch) async throws {
    let answer = try await app.send(.put, patches + "/noarch", as: "owner", json: patch)
    #expect(answer.status == 200, "\(answer.text)")
    try await app.settle("lab")
  }

  /// Every record of a subdir by file name, as repodata has it.
  private static func records(_ app: TestApp, _ name: String = "repodata.json") async throws -> [String:
    JSONValue]
  {
    let json = try await app.json("/get/lab/noarch/\(name)")
    return (json["packages"]?.asObject ?? [:]).merging(json["packages.conda"]?.asObject ?? [:]) { first, _ in
      first
    }
  }

  /// Everything that a patch may change, byte for byte.
  private static func served(_ app: TestApp) async throws -> [String: [UInt8]] {
    try await app.settle("lab")
    var served: [String: [UInt8]] = [:]
    for path in [
      "channeldata.json", "noarch/repodata.json", "noarch/repodata.json.zst", "noarch/current_repodata.json",
      "noarch/run_exports.json", "noarch/repodata_shards.msgpack.zst", "noarch/repodata_from_packages.json",
    ] { served[path] = try await app.send(.get, "/get/lab/\(path)").body }
    return served
  }

  @Test func changeRepodataAndShardsAlike() async throws {
    try await Self.with { app in
      let before = try await Self.records(app)
      try await Self.set(app)
      let after = try await Self.records(app)
      #expect(after["demo-1.0-0.tar.bz2"]?["depends"] == ["python <4"])
      #expect(after["demo-1.0-0.conda"]?["depends"] == ["python <4"])
      #expect(after["demo-1.0-0.conda"]?["constrains"] == ["other >1"])
      #expect(after["demo-1.0-0.tar.bz2"]?["constrains"] == nil)
      #expect(after["bad-1.0-0.conda"]?["revoked"] == true)
      #expect(after["bad-1.0-0.conda"]?["depends"] == ["package_has_been_revoked"])
      #expect(after["old-1.0-0.conda"] == nil)
      #expect(after["plain-1.0-0.conda"] == before["plain-1.0-0.conda"])
      #expect(try await app.json("/get/lab/noarch/repodata.json")["removed"] == ["old-1.0-0.conda"])
      #expect(try await app.send(.get, "/get/lab/noarch/old-1.0-0.conda").status == 200)

      let exports = try await app.json("/get/lab/noarch/run_exports.json")["packages.conda"]
      #expect(exports?["demo-1.0-0.conda"] == ["run_exports": ["weak": ["demo 1.*"]]])
      let shards = try await ShardReader(app: app, channel: "lab", subdir: "noarch").records()
      #expect(Set(shards.keys) == Set(after.keys))
      for (name, record) in shards {
        var members = record.json.asObject ?? [:]
        #expect(members.removeValue(forKey: "run_exports") == (exports?[name]?["run_exports"] ?? [:]))
        #expect(JSONValue.object(members) == after[name], "\(name)")
      }
    }
  }

  @Test func serveTheUnpatchedRecordsBeside() async throws {
    try await Self.with { app in
      let path = "/get/lab/noarch/repodata_from_packages.json"
      #expect(try await app.send(.get, path).status == 404)
      let before = try await app.send(.get, "/get/lab/noarch/repodata.json").body
      try await Self.set(app)
      #expect(try await app.send(.get, path).body == before)
      let compressed = try await app.send(.get, path + ".zst")
      #expect(try ZstdCompression.decompress(compressed.body, limit: 1 << 24) == before)
    }
  }

  @Test func areTakenBackByteForByte() async throws {
    try await Self.with { app in
      let before = try await Self.served(app)
      try await Self.set(app)
      #expect(try await Self.served(app) != before)
      #expect(try await app.send(.delete, Self.patches + "/noarch", as: "owner").status == 200)
      #expect(try await Self.served(app) == before)
      #expect(try await app.send(.delete, Self.patches + "/noarch", as: "owner").status == 404)
      #expect(try await app.send(.get, Self.patches + "/noarch").status == 404)
    }
  }

  @Test func makeTheSameBytesBeforeAndAfterTheUploads() async throws {
    func documents(patchFirst: Bool) async throws -> [String: [UInt8]] {
      let clock = TestClock(1_800_000_000)
      return try await TestApp.with(now: { clock.date }) { app in
        try await app.createChannel("lab")
        if patchFirst { try await Self.set(app) }
        let names = ["demo", "old", "bad", "plain"]
        for name in patchFirst ? names : names.reversed() {
          #expect(try await app.upload(PackageBuilder(name: name), to: "lab").status == 201)
        }
        if !patchFirst { try await Self.set(app) }
        var served = try await Self.served(app)
        for (name, digest) in try await ShardReader(app: app, channel: "lab", subdir: "noarch").index() {
          served["shard of \(name)"] =
            try await app.send(.get, "/get/lab/noarch/shards/\(digest).msgpack.zst").body
        }
        return served
      }
    }
    let (first, last) = (try await documents(patchFirst: true), try await documents(patchFirst: false))
    #expect(first.count == 11)
    #expect(Set(first.keys) == Set(last.keys))
    for (path, bytes) in first { #expect(bytes == last[path], "\(path)") }
  }

  @Test func replaceTheOnesBefore() async throws {
    try await Self.with { app in
      let before = try await Self.records(app)
      try await Self.set(app)
      try await Self.set(
        app, ["patch_instructions_version": 1, "packages.conda": ["demo-1.0-0.conda": ["license": "X"]]])
      var expected = before
      var demo = before["demo-1.0-0.conda"]?.asObject ?? [:]
      demo["license"] = "X"
      expected["demo-1.0-0.conda"] = .object(demo)
      #expect(try await Self.records(app) == expected)
    }
  }

  @Test func holdForWhatIsUploadedLater() async throws {
    try await Self.with { app in
      try await Self.set(app)
      #expect(try await app.upload(PackageBuilder(name: "ghost"), to: "lab").status == 201)
      var demo = PackageBuilder(name: "demo")
      demo.depends = ["new"]
      #expect(try await app.upload(demo, to: "lab", force: true).status == 201)
      let shards = try await ShardReader(app: app, channel: "lab", subdir: "noarch").records()
      #expect(shards["demo-1.0-0.conda"]?.json["depends"] == ["python <4"])
      try await app.settle("lab")
      #expect(
        try await Self.records(app, "repodata_from_packages.json")["demo-1.0-0.conda"]?["depends"] == ["new"])
      #expect(try await app.send(.delete, Self.patches + "/noarch", as: "owner").status == 200)
      try await app.settle("lab")
      #expect(try await Self.records(app)["demo-1.0-0.conda"]?["depends"] == ["new"])
      let old = "/api/channels/lab/packages/old/versions/noarch/old-1.0-0.conda"
      #expect(try await app.send(.delete, old, as: "owner").status == 200)
      try await Self.set(app)
      #expect(try await app.upload(PackageBuilder(name: "old"), to: "lab").status == 201)
      try await app.settle("lab")
      #expect(try await Self.records(app)["old-1.0-0.conda"] == nil)
      #expect(try await app.json("/api/channels/lab/packages/old")["current_version"] == .null)
    }
  }

  @Test func stayApartFromYanks() async throws {
    try await Self.with { app in
      let yank = "/api/channels/lab/packages/demo/versions/noarch/demo-1.0-0.conda/yank"
      #expect(try await app.send(.post, yank, as: "owner", json: ["reason": "x"]).status == 200)
      try await Self.set(app)
      #expect(try await Self.records(app)["demo-1.0-0.conda"] == nil)
      let unpatched = try await app.json("/get/lab/noarch/repodata_from_packages.json")
      #expect(unpatched["removed"] == ["demo-1.0-0.conda"])
      #expect(
        unpatched["packages.conda"]?.keys == ["old-1.0-0.conda", "bad-1.0-0.conda", "plain-1.0-0.conda"])
      #expect(try await app.send(.delete, yank, as: "owner").status == 200)
      try await app.settle("lab")
      #expect(try await Self.records(app)["demo-1.0-0.conda"]?["depends"] == ["python <4"])
    }
  }

  @Test func areShownAsTheyWereGiven() async throws {
    try await Self.with { app in
      #expect(try await app.json(Self.patches) == [])
      try await Self.set(app)
      #expect(try await app.json(Self.patches + "/noarch") == Self.patch)
      let list = try #require(try await app.json(Self.patches).asArray?.first)
      #expect(list["subdir"] == "noarch" && list["version"] == 2 && list["origin"] == .null)
      #expect(list["instructions"] == 5 && list["artifacts"] == 4)
    }
  }

  @Test func arePreviewedAndChangeNothing() async throws {
    try await Self.with { app in
      let before = try await Self.served(app)
      let path = Self.patches + "/noarch/preview"
      let answer = try await app.send(.post, path, as: "owner", json: Self.patch)
      #expect(answer.status == 200, "\(answer.text)")
      let preview = try #require(answer.json)
      #expect(preview["total"] == 4 && preview["unmatched"] == 1)
      let differences = preview["differences"]?.asArray ?? []
      #expect(
        differences.map { $0["filename"] } == [
          "bad-1.0-0.conda", "demo-1.0-0.conda", "demo-1.0-0.tar.bz2", "old-1.0-0.conda",
        ])
      #expect(differences.map { $0["removed"] } == [false, false, false, true])
      #expect(differences[1]["before"]?["depends"] == [])
      #expect(differences[1]["after"]?["depends"] == ["python <4"])
      #expect(differences[1]["before"]?["constrains"] == nil)
      #expect(try await Self.served(app) == before)

      try await Self.set(app)
      #expect(try await app.send(.post, path, as: "owner", json: Self.patch).json?["total"] == 0)
      let empty: JSONValue = ["patch_instructions_version": 1]
      #expect(try await app.send(.post, path, as: "owner", json: empty).json?["total"] == 4)
    }
  }

  @Test(arguments: ArtifactFormat.allCases) func comeInPackages(format: ArtifactFormat) async throws {
    try await Self.with { app in
      var package = PackageBuilder(name: "lab-patches", format: format)
      package.payload = [
        ArchiveFile("noarch/patch_instructions.json", text: Self.patch.canonicalText()),
        ArchiveFile(
          "linux-64/patch_instructions.json", text: #"{"patch_instructions_version": 1, "packages": {}}"#),
        ArchiveFile("share/readme.txt", text: "x"),
      ]
      let answer = try await app.send(
        .put, Self.patches + "?filename=\(package.fileName)", as: "owner",
        body: .bytes(ByteBuffer(bytes: package.bytes())))
      #expect(answer.status == 200, "\(answer.text)")
      let list = try #require(try await app.json(Self.patches).asArray)
      #expect(list.map { $0["subdir"] } == ["linux-64", "noarch"])
      #expect(list.allSatisfy { $0["origin"] == .string(package.fileName) })
      try await app.settle("lab")
      #expect(try await Self.records(app)["demo-1.0-0.conda"]?["depends"] == ["python <4"])
    }
  }

  @Test func areRefusedWhole() async throws {
    try await Self.with { app in
      let before = try await Self.served(app)
      let wrong: JSONValue = [
        "patch_instructions_version": 1, "packages.conda": ["demo-1.0-0.conda": ["name": "x", "depends": 1]],
      ]
      for (method, path) in [(HTTPRequest.Method.put, "/noarch"), (.post, "/noarch/preview")] {
        let answer = try await app.send(method, Self.patches + path, as: "owner", json: wrong)
        #expect(answer.status == 422)
        #expect(
          answer.text.contains("demo-1.0-0.conda.name") && answer.text.contains("demo-1.0-0.conda.depends"))
      }
      #expect(
        try await app.send(.put, Self.patches + "/Not_a_subdir", as: "owner", json: Self.patch).status == 404)
      let none = try await app.send(
        .put, Self.patches + "?filename=demo-1.0-0.conda", as: "owner",
        body: .bytes(ByteBuffer(bytes: PackageBuilder().bytes())))
      #expect(none.status == 422)
      let broken = try await app.send(
        .put, Self.patches + "?filename=demo-1.0-0.conda", as: "owner", body: .text("no package"))
      #expect(broken.status == 400)
      #expect(try await Self.served(app) == before)
    }
  }
}
