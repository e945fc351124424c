import Backends
import CondaArchive
import CondaTypes
import Foundation
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

/// Documents that are put together from the pieces of those before.
@Suite struct SplicedDocumentsTests {
  static let settings = "spliced_from = 1\npiece_records = 3"
  private static let documents = ["repodata.json", "run_exports.json"]

  /// What is served now is well-formed, agrees with its compressed form, and is what all rows together make.
  static func expectSound(
    _ app: TestApp, _ names: Set<String>, removed: Set<String> = [], documents: [String] = documents
  ) async throws {
    try await app.settle("lab")
    var etags: [String: String?] = [:]
    for name in documents {
      let plain = try await app.send(.get, "/get/lab/noarch/\(name)")
      let compressed = try await app.send(.get, "/get/lab/noarch/\(name).zst")
      #expect(try ZstdCompression.decompress(compressed.body, limit: 1 << 24) == plain.body)
      // The size is declared, in eight bytes (RFC 8878 §3.1.1.1): conda takes a frame only with it.
      #expect(compressed.body[4] == 0xC0)
      etags[name] = plain.headers[.eTag]
    }
    #expect(try await app.repodataFileNames("lab", "noarch") == names)
    let repodata = try await app.json("/get/lab/noarch/repodata.json")
    #expect(Set((repodata["removed"]?.asArray ?? []).compactMap(\.asString)) == removed)
    let channel = try #require(try await app.metadata.channel(named: "lab"))
    try await app.metadata.markAllStale(channelID: channel.id, subdir: "noarch")
    try await app.server.services.indexer.publish(channelID: channel.id, subdir: "noarch")
    try await app.settle("lab")
    for name in documents {
      #expect(try await app.send(.get, "/get/lab/noarch/\(name)").headers[.eTag] == etags[name], "\(name)")
    }
  }

  /// Uploads one after the other, each as soon as the one before is in repodata, while the documents that take longer are
  /// made beside; in the end those show everything, too.
  @Test func doNotWaitForWhatTakesLonger() async throws {
    try await TestApp.with(documentDelay: 0, toml: Self.settings) { app in
      try await app.createChannel("lab")
      var names: Set<String> = []
      func shown(in file: String) async throws -> Set<String> {
        let answer = try await app.send(.get, "/get/lab/noarch/\(file)")
        let json = answer.status == 200 ? try JSONValue(parsing: answer.body) : .null
        return Set((json["packages.conda"]?.asObject ?? [:]).keys)
      }
      for number in 0..<12 {
        let package = PackageBuilder(name: "p\(number)")
        #expect(try await app.upload(package, to: "lab").status == 201)
        names.insert(package.fileName)
        try await UploadPolling.until { try await shown(in: "repodata.json") == names }
      }
      try await UploadPolling.until { try await shown(in: "current_repodata.json") == names }
      try await UploadPolling.until {
        try await app.json("/get/lab/channeldata.json")["packages"]?.asObject?.count == names.count
      }
      let channelID = try await app.channelID("lab")
      try await UploadPolling.until {
        try await app.metadata.staleSubdirs().allSatisfy { $0.channelID != channelID }
      }
    }
  }

  @Test func followUploadsDeletionsYanksAndReplacements() async throws {
    try await TestApp.with(toml: Self.settings) { app in
      try await app.createChannel("lab")
      var names: Set<String> = []
      for number in 0..<24 {
        let package = PackageBuilder(
          name: ["alpha", "alpha-beta", "gamma"][number % 3], version: "1.\(number)")
        #expect(try await app.upload(package, to: "lab").status == 201)
        names.insert(package.fileName)
        if number % 6 == 0 { try await Self.expectSound(app, names) }
      }
      try await Self.expectSound(app, names)
      for name in ["alpha-1.0-0.conda", "alpha-1.21-0.conda", "gamma-1.11-0.conda"] {
        let package = String(name.prefix { $0 != "-" })
        let path = "/api/channels/lab/packages/\(package)/versions/noarch/\(name)"
        #expect(try await app.send(.delete, path, as: "owner").status == 200)
        names.remove(name)
        try await Self.expectSound(app, names)
      }
      var replaced = PackageBuilder(name: "gamma", version: "1.14")
      replaced.payload.append(ArchiveFile("share/more.txt", text: "more"))
      #expect(try await app.upload(replaced, to: "lab", force: true).status == 201)
      try await Self.expectSound(app, names)
      #expect(try await app.send(.delete, "/api/channels/lab/packages/alpha-beta", as: "owner").status == 200)
      try await Self.expectSound(app, names.filter { !$0.hasPrefix("alpha-beta") })
    }
  }

  /// `repodata_from_packages.json` has what the patch removed, and the records that it changed as they were.
  @Test func followChangesUnderAPatch() async throws {
    try await TestApp.with(toml: Self.settings) { app in
      try await app.createChannel("lab")
      var names: Set<String> = []
      for number in 0..<24 {
        var package = PackageBuilder(
          name: ["alpha", "beta", "gamma"][number % 3], version: "1.\(number)",
          format: number % 2 == 0 ? .conda : .tarBzip2)
        if number == 9 { package.indexFields = ["schema_version": 3, "flags": ["blas:mkl"]] }
        #expect(try await app.upload(package, to: "lab").status == 201)
        if number != 9 { names.insert(package.fileName) }
      }
      try await Self.expectSound(app, names)
      let unpatched = try await app.json("/get/lab/noarch/repodata.json")
      let patch: JSONValue = [
        "patch_instructions_version": 1, "packages": ["alpha-1.3-0.tar.bz2": ["license": "MIT"]],
        "packages.conda": [:], "revoke": [], "remove": ["gamma-1.5-0.tar.bz2", "gamma-1.2-0.conda"],
      ]
      let removed: Set = ["gamma-1.5-0.tar.bz2", "gamma-1.2-0.conda"]
      #expect(
        try await app.send(.put, "/api/channels/lab/patches/noarch", as: "owner", json: patch).status == 200)
      names.subtract(removed)
      let documents = Self.documents + ["repodata_from_packages.json"]
      try await Self.expectSound(app, names, removed: removed, documents: documents)
      let url = "/get/lab/noarch/repodata_from_packages.json"
      let beside = try await app.json(url)
      for part in ["packages", "packages.conda", "removed", "v3"] { #expect(beside[part] == unpatched[part]) }
      #expect(beside["v3"]?["tar.bz2"]?["alpha-1.9-0"] != nil)

      #expect(try await app.upload(PackageBuilder(name: "beta", version: "2"), to: "lab").status == 201)
      names.insert("beta-2-0.conda")
      let yank = "/api/channels/lab/packages/alpha/versions/noarch/alpha-1.6-0.conda/yank"
      #expect(try await app.send(.post, yank, as: "owner", json: ["reason": "broken"]).status == 200)
      names.remove("alpha-1.6-0.conda")
      try await Self.expectSound(
        app, names, removed: removed.union(["alpha-1.6-0.conda"]), documents: documents)
      let original = try await app.json(url)
      #expect(original["removed"] == ["alpha-1.6-0.conda"])
      #expect(original["packages.conda"]?["beta-2-0.conda"] != nil)
      #expect(original["packages"]?["alpha-1.3-0.tar.bz2"]?["license"] != "MIT")
      #expect(original["packages"]?["gamma-1.5-0.tar.bz2"] != nil)

      #expect(
        try await app.send(.delete, "/api/channels/lab/patches/noarch", as: "owner").status == 200)
      try await Self.expectSound(app, names.union(removed), removed: ["alpha-1.6-0.conda"])
      #expect(try await app.send(.get, url).status == 404)
    }
  }

  /// The same bytes, compressed too, whatever the order of uploads.
  @Test func dependOnTheRowsAlone() async throws {
    let clock = TestClock(1_800_000_000)
    var etags: [[String?]] = []
    for order in [Array(0..<20), Array((0..<20).reversed())] {
      etags.append(
        try await TestApp.with(toml: Self.settings, now: { clock.date }) { app in
          try await app.createChannel("lab")
          for number in order {
            let package = PackageBuilder(name: "p\(number % 7)", version: "1.\(number)")
            #expect(try await app.upload(package, to: "lab").status == 201)
            if number % 3 == 0 { try await app.settle("lab") }
          }
          try await app.settle("lab")
          let channel = try #require(try await app.metadata.channel(named: "lab"))
          _ = try await app.server.services.documentBuilder.recompress(
            channelID: channel.id, subdir: "noarch")
          var etags: [String?] = []
          for name in Self.documents.flatMap({ [$0, $0 + ".zst"] }) {
            etags.append(try await app.send(.get, "/get/lab/noarch/\(name)").headers[.eTag])
          }
          return etags
        })
    }
    #expect(etags[0] == etags[1])
    #expect(etags[0].allSatisfy { $0 != nil })
  }

  /// A file that the pieces lie in is gone: everything is made from the rows.
  @Test func areMadeAnewWhereTheirPiecesAreGone() async throws {
    try await TestApp.with(toml: Self.settings) { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      try await app.settle("lab")
      try FileManager.default.removeItem(atPath: app.deployment.documentsFolder + "/sha256")
      #expect(try await app.upload(PackageBuilder(name: "other"), to: "lab").status == 201)
      try await Self.expectSound(app, ["demo-1.0-0.conda", "other-1.0-0.conda"])
    }
  }

  /// A file that the pieces lie in was damaged when the power went: nothing of it gets into the next document.
  @Test(arguments: ["repodata.json", "repodata.json.zst", "run_exports.json"])
  func takeNothingFromDamagedFiles(_ name: String) async throws {
    try await TestApp.restart(
      toml: Self.settings,
      { app in
        try await app.createChannel("lab")
        for number in 0..<9 {
          #expect(try await app.upload(PackageBuilder(version: "1.\(number)"), to: "lab").status == 201)
        }
        try await app.settle("lab")
      },
      between: { deployment, metadata in
        let channel = try #require(try await metadata.channel(named: "lab"))
        let row = try #require(try await metadata.document(channelID: channel.id, path: "noarch/\(name)"))
        let path = deployment.documentsFolder + "/" + (try BlobLayout.key(for: row.sha256).value)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        try await metadata.setValue("another boot", of: "bootID")
      },
      { app in
        #expect(try await app.upload(PackageBuilder(name: "other"), to: "lab").status == 201)
        try await Self.expectSound(app, Set((0..<9).map { "demo-1.\($0)-0.conda" } + ["other-1.0-0.conda"]))
      })
  }

  @Test func haveBzip2AndWhatAPatchLeftOut() async throws {
    try await TestApp.with(toml: Self.settings + "\nbz2 = true") { app in
      try await app.createChannel("lab")
      for number in 0..<5 {
        #expect(try await app.upload(PackageBuilder(version: "1.\(number)"), to: "lab").status == 201)
      }
      let path = "/api/channels/lab/packages/demo/versions/noarch/demo-1.3-0.conda/yank"
      #expect(try await app.send(.post, path, as: "owner", json: ["reason": "broken"]).status == 200)
      try await app.settle("lab")
      #expect(try await app.send(.get, "/get/lab/noarch/repodata.json.bz2").status == 200)
      #expect(try await app.send(.get, "/get/lab/noarch/current_repodata.json").status == 200)
      try await Self.expectSound(
        app, Set([0, 1, 2, 4].map { "demo-1.\($0)-0.conda" }), removed: ["demo-1.3-0.conda"])
    }
  }
}
