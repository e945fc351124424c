import CondaArchive
import Foundation
import HTTPTypes
import Locks
import Metadata
import Server
import TestSupport
import Testing

/// Large documents that were compressed for speed, and later better.
@Suite struct RecompressionTests {
  /// A channel whose documents were all made at once, and so compressed for speed.
  private static func makeForSpeed(_ app: TestApp, versions: Int) async throws -> ChannelRow {
    try await app.createChannel("lab")
    for number in 0..<versions {
      #expect(try await app.upload(PackageBuilder(version: "1.\(number)"), to: "lab").status == 201)
    }
    try await app.settle("lab")
    let channel = try #require(try await app.metadata.channel(named: "lab"))
    try await app.metadata.markAllStale(channelID: channel.id, subdir: "noarch")
    try await app.settle("lab")
    return channel
  }

  @Test func areCompressedBetterWhileTheyAreServed() async throws {
    try await TestApp.with(toml: SplicedDocumentsTests.settings + "\nzstd_level = 9") { app in
      let channel = try await Self.makeForSpeed(app, versions: 12)
      let plain = try await app.send(.get, "/get/lab/noarch/repodata.json")
      let fast = try await app.send(.get, "/get/lab/noarch/repodata.json.zst")
      let builder = app.server.services.documentBuilder
      #expect(try await builder.recompress(channelID: channel.id, subdir: "noarch"))
      #expect(try await !builder.recompress(channelID: channel.id, subdir: "noarch"))
      #expect(try await !builder.recompress(channelID: channel.id, subdir: "win-64"))
      let better = try await app.send(.get, "/get/lab/noarch/repodata.json.zst")
      #expect(better.body.count <= fast.body.count)
      #expect(try ZstdCompression.decompress(better.body, limit: 1 << 24) == plain.body)
      #expect(
        try await app.send(.get, "/get/lab/noarch/repodata.json").headers[.eTag] == plain.headers[.eTag])
      // The next change starts from them.
      #expect(try await app.upload(PackageBuilder(name: "zeta"), to: "lab").status == 201)
      let names = Set((0..<12).map { "demo-1.\($0)-0.conda" } + ["zeta-1.0-0.conda"])
      try await SplicedDocumentsTests.expectSound(app, names)
    }
  }

  /// A change that comes meanwhile does not wait, and what was done by then is kept.
  @Test func areCompressedBetterBitByBit() async throws {
    try await TestApp.with(toml: SplicedDocumentsTests.settings) { app in
      let channel = try await Self.makeForSpeed(app, versions: 40)
      let plain = try await app.send(.get, "/get/lab/noarch/repodata.json")
      let builder = app.server.services.documentBuilder
      var (turns, isLeft) = (0, true)
      while isLeft, turns < 200 {
        // Wanted when it begins, and for one piece.
        let asked = Guarded(0)
        isLeft = try await builder.recompress(channelID: channel.id, subdir: "noarch") {
          asked.withLock { asked in
            asked += 1
            return asked <= 2
          }
        }
        if isLeft { turns += 1 }
        let answer = try await app.send(.get, "/get/lab/noarch/repodata.json.zst")
        #expect(try ZstdCompression.decompress(answer.body, limit: 1 << 24) == plain.body)
      }
      #expect(turns > 1 && !isLeft)
      #expect(try await !builder.recompress(channelID: channel.id, subdir: "noarch") { false })
    }
  }

  /// What one process made for speed the next one makes smaller, without any change.
  @Test func areCompressedBetterAfterARestart() async throws {
    let fast = Guarded<[UInt8]>([])
    let url = "/get/lab/noarch/repodata.json.zst"
    try await TestApp.restart(
      toml: SplicedDocumentsTests.settings + "\nzstd_level = 9\nidle_s = 3600",
      { app in
        _ = try await Self.makeForSpeed(app, versions: 40)
        let body = try await app.send(.get, url).body
        fast.withLock { $0 = body }
      },
      between: { deployment, _ in
        let file = deployment.configFile
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try text.replacing("idle_s = 3600", with: "idle_s = 0")
          .write(toFile: file, atomically: true, encoding: .utf8)
      },
      { app in
        let deadline = ContinuousClock.now + .seconds(60)
        var answer = try await app.send(.get, url)
        while answer.body == fast.withLock({ $0 }), ContinuousClock.now < deadline {
          answer = try await app.send(.get, url)
        }
        #expect(answer.body.count < fast.withLock { $0.count })
        let plain = try await app.send(.get, "/get/lab/noarch/repodata.json")
        #expect(try ZstdCompression.decompress(answer.body, limit: 1 << 24) == plain.body)
      })
  }
}
