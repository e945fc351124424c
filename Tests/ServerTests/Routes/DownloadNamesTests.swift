import CondaTypes
import Foundation
import HTTPTypes
import TestSupport
import Testing

/// The addresses under which one file can be asked for.
@Suite struct DownloadNamesTests {
  /// An epoch and a local version: `!` and `+` in the file name.
  static let package = PackageBuilder(name: "demo", version: "1!2.0+local.1", build: "h_0", format: .conda)

  @Test(arguments: [
    "demo-1!2.0+local.1-h_0.conda", "demo-1%212.0%2Blocal.1-h_0.conda", "demo-1%212.0+local.1-h_0.conda",
    "demo-1!2.0%2blocal.1-h_0.conda", "%64emo-1!2.0+local.1-h%5F0%2Econda",
  ])
  func servesANameInEverySpelling(spelling: String) async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let bytes = try Self.package.bytes()
      #expect(try await app.upload(bytes, named: "demo-1%212.0%2Blocal.1-h_0.conda", to: "lab").status == 201)
      let answer = try await app.send(.get, "/get/lab/noarch/\(spelling)")
      #expect(answer.status == 200)
      #expect(answer.body == bytes)
      #expect(try await app.repodataFileNames("lab", "noarch") == [Self.package.fileName])
    }
  }

  @Test func uploadsUnderARawNameToo() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let bytes = try Self.package.bytes()
      #expect(try await app.upload(bytes, named: Self.package.fileName, to: "lab").status == 201)
      #expect(try await app.send(.get, "/get/lab/noarch/demo-1%212.0%2Blocal.1-h_0.conda").body == bytes)
    }
  }

  @Test func servesTheOldestDocumentsAddressAndPathTokens() async throws {
    try await TestApp.with { app in
      try await app.createChannel("open")
      try await app.createChannel("shut", isPrivate: true)
      let package = PackageBuilder()
      let key = try #require(app.keys["owner"])
      for channel in ["open", "shut"] {
        #expect(try await app.upload(package, to: channel).status == 201)
        try await app.settle(channel)
      }
      let files = [
        "noarch/repodata.json", "noarch/\(package.fileName)", "noarch/repodata_shards.msgpack.zst",
        "index.html", "noarch/",
      ]
      for file in files {
        let direct = try await app.send(.get, "/get/open/\(file)")
        #expect(direct.status == 200, "\(file)")
        for mount in [
          "/channels/open/", "/t/\(key)/get/open/", "/t/\(key)/channels/open/", "/t/wrong/get/open/",
        ] {
          let answer = try await app.send(.get, mount + file)
          #expect(answer.status == 200, "\(mount)\(file)")
          #expect(answer.steadyHeaders == direct.steadyHeaders, "\(mount)\(file)")
          #expect(answer.body == direct.body, "\(mount)\(file)")
        }
        #expect(try await app.send(.get, "/t/\(key)/get/shut/\(file)").status == 200, "\(file)")
        #expect(try await app.send(.head, "/t/\(key)/channels/shut/\(file)").status == 200, "\(file)")
        #expect(try await app.send(.get, "/t/wrong/get/shut/\(file)").status == 401, "\(file)")
        #expect(try await app.send(.get, "/channels/shut/\(file)").status == 401, "\(file)")
      }
    }
  }

  @Test func findsAChannelInAnyCase() async throws {
    try await TestApp.with { app in
      try await app.createChannel("MyLab.2")
      for name in ["MyLab.2", "mylab.2", "MYLAB.2", "%4dylab%2E2"] {
        #expect(try await app.send(.get, "/get/\(name)/noarch/repodata.json").status == 200, "\(name)")
      }
      let missing = try await app.send(.get, "/get/mylab.2/noarch/x.json")
      #expect(missing.detail == "MyLab.2/noarch/x.json not found")
    }
  }

  @Test func ignoresTheQuery() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(try await app.send(.get, "/get/lab/noarch/repodata.json?x=/../y").status == 200)
      #expect(try await app.send(.get, "/get/lab?x=1").status == 200)
      #expect(try await app.send(.get, "/get/lab/?x=1").headers[.contentType] == "text/html; charset=utf-8")
    }
  }

  @Test func servesANewChannelFromItsFirstMoment() async throws {
    try await TestApp.with { app in
      try await app.createChannel("fresh")
      let files = [
        "noarch/repodata.json", "noarch/repodata.json.zst", "noarch/repodata_shards.msgpack.zst",
        "noarch/index.html",
        "noarch/", "noarch", "index.html", "", "channeldata.json",
      ]
      for file in files { #expect(try await app.send(.get, "/get/fresh/\(file)").status == 200, "\(file)") }
      let repodata = try await app.json("/get/fresh/noarch/repodata.json")
      #expect(repodata["packages"] == .object([:]))
      #expect(repodata["packages.conda"] == .object([:]))
      #expect(repodata["info"]?["subdir"] == "noarch")
      #expect(repodata["repodata_version"] == 1)
      let channelData = try await app.json("/get/fresh/channeldata.json")
      #expect(channelData["subdirs"] == ["noarch"])
      #expect(channelData["packages"] == .object([:]))
      let index = try await ShardReader(app: app, channel: "fresh", subdir: "noarch").document()
      #expect(index["shards"] == .map([]))
    }
  }

  @Test func doesNotKnowADeletedChannel() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      #expect(try await app.send(.get, "/get/lab/noarch/demo-1.0-0.conda").status == 200)
      #expect(try await app.send(.delete, "/api/channels/lab", as: "owner").status == 200)
      for file in ["noarch/demo-1.0-0.conda", "noarch/repodata.json", ""] {
        #expect(try await app.send(.get, "/get/lab/\(file)").status == 404)
      }
      try await app.createChannel("lab")
      #expect(try await app.send(.get, "/get/lab/noarch/demo-1.0-0.conda").status == 404)
      #expect(try await app.repodataFileNames("lab", "noarch").isEmpty)
    }
  }
}
