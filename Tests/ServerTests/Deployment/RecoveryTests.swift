import CondaTypes
import Foundation
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

/// A server that starts on what an earlier one left behind.
@Suite struct RecoveryTests {
  static let files = [
    "noarch/repodata.json", "noarch/repodata.json.zst", "noarch/repodata_shards.msgpack.zst",
    "noarch/index.html",
    "channeldata.json", "index.html",
  ]

  static func upload(_ app: TestApp) async throws {
    try await app.createChannel("lab")
    for name in ["alpha", "beta"] {
      #expect(try await app.upload(PackageBuilder(name: name), to: "lab").status == 201)
    }
    try await app.settle("lab")
  }

  /// All files are there, and nothing is behind.
  static func expectComplete(_ app: TestApp) async throws {
    try await expectServed(app)
    #expect(try await app.metadata.markedShards(limit: nil).isEmpty)
    #expect(try await app.metadata.staleSubdirs().isEmpty)
  }

  static func expectServed(_ app: TestApp) async throws {
    let records = try await ShardReader(app: app, channel: "lab", subdir: "noarch").records()
    #expect(Set(records.keys) == ["alpha-1.0-0.conda", "beta-1.0-0.conda"])
    #expect(try await app.repodataFileNames("lab", "noarch") == Set(records.keys))
    for file in files { #expect(try await app.send(.get, "/get/lab/\(file)").status == 200, "\(file)") }
  }

  @Test func servesTheSameBytesAfterARestart() async throws {
    let before = Guarded<[String: String]>([:])
    try await TestApp.restart(
      { app in
        try await Self.upload(app)
        for file in Self.files {
          before.set(file, try await app.send(.get, "/get/lab/\(file)").headers[.eTag] ?? "")
        }
      }, between: { _, _ in },
      { app in
        for file in Self.files {
          #expect(try await app.send(.get, "/get/lab/\(file)").headers[.eTag] == before.get(file), "\(file)")
        }
        try await Self.expectComplete(app)
      })
  }

  @Test func catchesUpWithRowsWhoseIndexIsBehind() async throws {
    try await TestApp.restart(
      { app in try await Self.upload(app) },
      between: { _, metadata in
        // As after a crash between the row's commit and its shard: every mark set again, documents behind.
        let channel = try #require(try await metadata.channel(named: "lab"))
        _ = try await metadata.deleteArtifact(
          channelID: channel.id, subdir: "noarch", fileName: "beta-1.0-0.conda", now: Date())
        #expect(try await !metadata.markedShards(limit: nil).isEmpty)
      },
      { app in
        #expect(try await app.metadata.markedShards(limit: nil).isEmpty)
        let reader = ShardReader(app: app, channel: "lab", subdir: "noarch")
        #expect(try await Array(reader.records().keys) == ["alpha-1.0-0.conda"])
        let deadline = ContinuousClock.now + .seconds(300)
        var names: Set<String> = []
        repeat {
          names = try await app.json("/get/lab/noarch/repodata.json")["packages.conda"]?.keys ?? []
        } while names != ["alpha-1.0-0.conda"] && ContinuousClock.now < deadline
        #expect(names == ["alpha-1.0-0.conda"])
      })
  }

  @Test func makesDeletedDocumentsAgainWhenItStarts() async throws {
    try await TestApp.restart(
      { app in try await Self.upload(app) },
      between: { deployment, _ in try FileManager.default.removeItem(atPath: deployment.documentsFolder) },
      { app in try await Self.expectComplete(app) })
  }

  @Test func makesDamagedDocumentsAgainAfterAReboot() async throws {
    try await TestApp.restart(
      { app in try await Self.upload(app) },
      between: { deployment, metadata in
        // A machine that lost power leaves empty and torn files, since documents are not synced.
        try await metadata.setValue("another boot", of: "bootID")
        let root = deployment.documentsFolder
        var number = 0
        for case let path as String in FileManager.default.enumerator(atPath: root) ?? .init() {
          let full = root + "/" + path
          var isFolder: ObjCBool = false
          guard FileManager.default.fileExists(atPath: full, isDirectory: &isFolder), !isFolder.boolValue
          else { continue }
          number += 1
          var bytes = try Data(contentsOf: URL(fileURLWithPath: full))
          if number % 2 == 0 { bytes = Data() } else { bytes[bytes.count / 2] ^= 0xff }
          try bytes.write(to: URL(fileURLWithPath: full))
        }
        #expect(number >= 6)
      },
      { app in
        try await VerificationTests.waitUntilVerified(app)
        try await Self.expectComplete(app)
        for file in Self.files {
          let answer = try await app.send(.get, "/get/lab/\(file)")
          #expect(answer.headers[.eTag] == "\"\(try ArchiveWriting.sha256(answer.body))\"", "\(file)")
        }
      })
  }

  @Test func makesDocumentsAgainOnFirstAccessWhileItRuns() async throws {
    try await TestApp.with { app in
      try await Self.upload(app)
      // At once, since the builder may be writing.
      let root = app.deployment.documentsFolder + "/sha256"
      try FileManager.default.moveItem(atPath: root, toPath: app.deployment.root + "/away")
      // The first answer may be a failure that says so; the files follow.
      let deadline = ContinuousClock.now + .seconds(300)
      var statuses: [Int] = []
      repeat {
        statuses = []
        for file in Self.files { statuses.append(try await app.send(.get, "/get/lab/\(file)").status) }
        #expect(Set(statuses).isSubset(of: [200, 502]), "\(statuses)")
        // No closures here: after one in `#expect`, this compiler takes that one's body for the next one's.
      } while Set(statuses) != [200] && ContinuousClock.now < deadline
      #expect(Set(statuses) == [200])
      try await Self.expectComplete(app)
    }
  }

  /// As after a kill before the index was written: the row is there, the file is not, or is one of other bytes.
  @Test(arguments: [true, false]) func makesAnIndexAgainThatHasNoFile(isMissing: Bool) async throws {
    let before = Guarded<[String: DocumentRow]>([:])
    try await TestApp.restart(
      documentDelay: 3_600_000,
      { app in
        try await Self.upload(app)
        before.set("row", try await app.shardIndex())
        #expect(try await app.hasFile(app.shardIndex().sha256))
      },
      between: { deployment, metadata in
        let file = deployment.documentFile(try #require(before.get("row")).sha256)
        try FileManager.default.removeItem(atPath: file)
        if !isMissing { try Data("part".utf8).write(to: URL(fileURLWithPath: file)) }
        // The verification after a reboot has nothing to complain of then.
        try await metadata.setValue("another boot", of: "bootID")
      },
      { app in
        let row = try #require(before.get("row"))
        #expect(try await app.shardIndex() == row)
        #expect(app.server.services.freshIndexes.contains(row.sha256))
        let answer = try await app.send(.get, DownloadFreshIndexTests.url)
        #expect(answer.status == 200)
        #expect(try ArchiveWriting.sha256(answer.body) == row.sha256.hex)
        // Nothing else has to be made again, and nobody would do it within the hour.
        try await VerificationTests.waitUntilVerified(app)
        try await app.settle("lab")
        #expect(try await app.hasFile(row.sha256))
        try await Self.expectComplete(app)
      })
  }

  @Test func writesItsIndexesWhenItEnds() async throws {
    let before = Guarded<[String: DocumentRow]>([:])
    try await TestApp.restart(
      documentDelay: 3_600_000,
      { app in
        try await app.createChannel("lab")
        #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
        let row = try await app.shardIndex()
        #expect(try await !app.hasFile(row.sha256))
        before.set("row", row)
      },
      between: { deployment, _ in
        let file = deployment.documentFile(try #require(before.get("row")).sha256)
        #expect(FileManager.default.fileExists(atPath: file))
      },
      { app in #expect(app.server.services.freshIndexes.subdirs().isEmpty) })
  }

  @Test func emptiesTheSpoolAndKeepsThePackages() async throws {
    try await TestApp.restart(
      { app in try await Self.upload(app) },
      between: { deployment, _ in
        try "left over".write(toFile: deployment.spoolFolder + "/upload-1", atomically: true, encoding: .utf8)
      },
      { app in
        let left = try FileManager.default.contentsOfDirectory(atPath: app.deployment.spoolFolder)
        #expect(!left.contains("upload-1"))
        #expect(try await app.send(.get, "/get/lab/noarch/alpha-1.0-0.conda").status == 200)
      })
  }

  /// Values that closures of two servers share.
  private final class Guarded<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value
    init(_ value: Value) { self.value = value }
    func set<Key: Hashable, Item>(_ key: Key, _ item: Item) where Value == [Key: Item] {
      lock.withLock { value[key] = item }
    }
    func get<Key: Hashable, Item>(_ key: Key) -> Item? where Value == [Key: Item] {
      lock.withLock { value[key] }
    }
  }
}
