import Backends
import CondaTypes
import Foundation
import HTTPTypes
import Logging
import Metadata
import Server
import TestSupport
import Testing

/// The derived files after a reboot: all of them are looked at while the server runs, and none is served before.
@Suite struct VerificationTests {
  enum Damage: CaseIterable {
    case changed, emptied, missing

    func apply(to path: String) throws {
      let file = URL(fileURLWithPath: path)
      switch self {
      case .changed:
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count / 2] ^= 0xff
        try bytes.write(to: file)
      case .emptied: try Data().write(to: file)
      case .missing: try FileManager.default.removeItem(at: file)
      }
    }
  }

  /// A machine that lost power, as far as the database knows.
  private static func reboot(_ metadata: MetadataStore) async throws {
    try await metadata.setValue("another boot", of: "bootID")
  }

  private static func digest(_ file: String, _ metadata: MetadataStore) async throws -> Digest {
    let channel = try #require(try await metadata.channel(named: "lab"))
    if file == "shard" {
      return try #require(
        try await metadata.shards(channelID: channel.id, subdir: "noarch").first
      ).sha256
    }
    return try #require(try await metadata.document(channelID: channel.id, path: file)).sha256
  }

  /// Waits until everything was looked at, and what was damaged is there again.
  static func waitUntilVerified(_ app: TestApp) async throws {
    let deadline = ContinuousClock.now + .seconds(30)
    repeat {
      let isLevel = try await app.metadata.staleSubdirs().isEmpty
      if app.server.services.documentTrust.isComplete, isLevel { return }
    } while ContinuousClock.now < deadline
    Issue.record("the verification does not come to an end")
  }

  @Test(arguments: [
    ("shard", Damage.changed), ("shard", .missing), ("noarch/repodata.json", .emptied),
    ("noarch/repodata_shards.msgpack.zst", .changed), ("noarch/index.html", .missing),
    ("channeldata.json", .changed), ("rss.xml", .missing),
  ])
  func makesADamagedFileAgain(_ file: String, _ damage: Damage) async throws {
    try await TestApp.restart(
      { app in try await RecoveryTests.upload(app) },
      between: { deployment, metadata in
        try await Self.reboot(metadata)
        try damage.apply(to: deployment.documentFile(try await Self.digest(file, metadata)))
      },
      { app in
        try await Self.waitUntilVerified(app)
        try await RecoveryTests.expectComplete(app)
        let digest = try await Self.digest(file, app.metadata)
        let path = file == "shard" ? "noarch/shards/\(digest.hex).msgpack.zst" : file
        let answer = try await app.send(.get, "/get/lab/\(path)")
        #expect(answer.status == 200)
        #expect(answer.headers[.eTag] == "\"\(try ArchiveWriting.sha256(answer.body))\"")
        #expect(try await app.metadata.value(of: "bootID") != "another boot")
      })
  }

  @Test func servesNoDamagedFileBeforeItHasLookedAtIt() async throws {
    let state = HeldVerification()
    try await TestApp.restart(
      { app in try await RecoveryTests.upload(app) },
      between: { deployment, metadata in
        try await Self.reboot(metadata)
        try await state.prepare(deployment, metadata)
        for digest in try await metadata.allDocumentDigests() where state.isAhead(digest) {
          try Damage.changed.apply(to: deployment.documentFile(digest))
        }
      },
      { app in
        defer { state.hold?.release() }
        let paths = try await Self.paths(app).filter { state.isAhead($0.digest) }
        // Nothing that follows may be answered from memory, either.
        for (path, digest) in paths {
          #expect(try await app.send(.head, path).status == 200)
          let answer = try await app.send(.get, path, headers: [.ifNoneMatch: "\"\(digest.hex)\""])
          #expect(answer.status == 304)
        }
        for (number, (path, _)) in paths.enumerated() {
          let answer = try await app.send(.get, path)
          // The first one has everything made again, which may happen before the others are asked for.
          #expect(answer.status == 502 || answer.status == 200 && number > 0, "\(path)")
          let hash = "\"\(try ArchiveWriting.sha256(answer.body))\""
          #expect(answer.status == 502 || answer.headers[.eTag] == hash, "\(path)")
        }
        #expect(!app.server.services.documentTrust.isComplete)
        state.hold?.release()
        try await Self.waitUntilVerified(app)
        try await RecoveryTests.expectServed(app)
      })
  }

  @Test func servesSoundFilesBeforeItHasLookedAtThem() async throws {
    let state = HeldVerification()
    try await TestApp.restart(
      { app in try await RecoveryTests.upload(app) },
      between: { deployment, metadata in
        try await Self.reboot(metadata)
        try await state.prepare(deployment, metadata)
      },
      { app in
        defer { state.hold?.release() }
        for (path, digest) in try await Self.paths(app) where state.isAhead(digest) {
          #expect(try await app.send(.get, path, headers: [.range: "bytes=0-0"]).status == 206)
          let answer = try await app.send(.get, path)
          #expect(answer.status == 200)
          #expect(try ArchiveWriting.sha256(answer.body) == digest.hex)
        }
        #expect(!app.server.services.documentTrust.isComplete)
        #expect(try await app.metadata.value(of: "bootID") == "another boot")
      })
  }

  @Test func beginsAgainWhenItWasCutOff() async throws {
    try await TestApp.withStoppedDeployment(RecoveryTests.upload) { deployment in
      let state = HeldVerification()
      let metadata = try TestApp.database(of: deployment)
      try await Self.reboot(metadata)
      try await state.prepare(deployment, metadata)
      try metadata.close()

      try await Self.withoutRunning(deployment) { server in
        let run = Task { try await server.documentVerification.run() }
        // It is at the second file once the first was looked at.
        let trust = server.services.documentTrust
        while !trust.isProven(try #require(state.first)) { await Task.yield() }
        run.cancel()
        state.hold?.release()
        try await run.value
        #expect(!trust.isComplete)
        #expect(try await server.services.metadata.value(of: "bootID") == "another boot")
      }

      try await TestApp.run(deployment) { app in
        try await Self.waitUntilVerified(app)
        try await RecoveryTests.expectComplete(app)
        #expect(try await app.metadata.value(of: "bootID") != "another boot")
      }
    }
  }

  @Test func remembersWhatARequestRemovedOverACrash() async throws {
    try await TestApp.withStoppedDeployment(RecoveryTests.upload) { deployment in
      let metadata = try TestApp.database(of: deployment)
      try await Self.reboot(metadata)
      let digest = try await Self.digest("channeldata.json", metadata)
      try Damage.emptied.apply(to: deployment.documentFile(digest))
      try metadata.close()

      try await Self.withoutRunning(deployment) { server in
        await #expect(throws: BlobStoreError.self) {
          try await server.services.documentTrust.require(digest)
        }
        #expect(!FileManager.default.fileExists(atPath: deployment.documentFile(digest)))
      }

      try await TestApp.run(deployment) { app in
        try await Self.waitUntilVerified(app)
        try await RecoveryTests.expectComplete(app)
      }
    }
  }

  @Test func forgetsAFormerShardThatIsDamaged() async throws {
    let former = HeldVerification()
    try await TestApp.restart(
      { app in
        try await app.createChannel("lab")
        #expect(try await app.upload(PackageBuilder(name: "alpha"), to: "lab").status == 201)
        former.first = try await Self.digest("shard", app.metadata)
        #expect(try await app.upload(PackageBuilder(name: "alpha", version: "2.0"), to: "lab").status == 201)
        try await app.settle("lab")
      },
      between: { deployment, metadata in
        try await Self.reboot(metadata)
        try Damage.changed.apply(to: deployment.documentFile(try #require(former.first)))
      },
      { app in
        try await Self.waitUntilVerified(app)
        let path = "/get/lab/noarch/shards/\(try #require(former.first).hex).msgpack.zst"
        #expect(try await app.send(.get, path).status == 404)
      })
  }

  @Test func hasNothingToLookAtInANewDeployment() async throws {
    try await TestApp.withStoppedDeployment({ app in
      #expect(app.server.services.documentTrust.isComplete)
      let boot = try await app.metadata.value(of: "bootID")
      #expect(boot != nil)
    }) { deployment in
      try await Self.withoutRunning(deployment) { server in
        _ = try await FillChannel(server).run(channel: "large", records: 50) { _ in }
      }
      try await Self.withoutRunning(deployment) { server in
        #expect(server.services.documentTrust.isComplete)
      }
    }
  }

  /// Builds a server that does not run, and ends it.
  private static func withoutRunning(
    _ deployment: Deployment, _ body: (QuetzServer) async throws -> Void
  ) async throws {
    let configuration = try DeploymentConfiguration(deployment: deployment, environment: [:]).load()
      .configuration
    let server = try await QuetzServer.build(
      deployment: deployment, configuration: configuration,
      options: ServeOptions(host: "127.0.0.1", port: 0),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try await body(server)
    try await server.close()
  }

  /// Where the derived files of the channel are served.
  private static func paths(_ app: TestApp) async throws -> [(path: String, digest: Digest)] {
    let channel = try #require(try await app.metadata.channel(named: "lab"))
    let documents = try await app.metadata.documents(channelID: channel.id)
      .map { ("/get/lab/\($0.path)", $0.sha256) }
    let shards = try await app.metadata.shards(channelID: channel.id, subdir: "noarch")
      .map { ("/get/lab/noarch/shards/\($0.sha256.hex).msgpack.zst", $0.sha256) }
    return documents + shards
  }
}

/// A verification that stops at the second of all files.
private final class HeldVerification: @unchecked Sendable {
  // Set before the server runs that looks at it.
  var hold: VerificationHold?
  var first: Digest?
  private var second: Digest?

  func prepare(_ deployment: Deployment, _ metadata: MetadataStore) async throws {
    // Not at a shard index: one without a file is made again before the verification begins.
    let indexes = Set(try await metadata.shardIndexes().map(\.sha256))
    let digests = try await metadata.allDocumentDigests().filter { !indexes.contains($0) }.prefix(2)
    (first, second) = (digests.first, digests.last)
    hold = try VerificationHold(at: try #require(second), in: deployment)
  }

  /// Whether it has not come to a file.
  func isAhead(_ digest: Digest) -> Bool {
    second.map { $0.bytes.lexicographicallyPrecedes(digest.bytes) } ?? false
  }
}
