import CondaTypes
import Foundation
import Locks
import Testing

@testable import Metadata

@Suite struct IndexTests {
  @Test func aChannelBeginsWithANoarchThatIsBehindUnlessItIsAProxy() async throws {
    let test = try await TestStore()
    _ = try await test.store.createChannel(
      NewChannel(name: "proxy", mirrorChannelURL: "http://x", mirrorMode: "proxy"), owner: test.user.id,
      now: Times.start)
    let states = try await test.store.staleSubdirs()
    #expect(states.map(\.channelID) == [test.channel.id])
    #expect(states.map(\.subdir) == ["noarch"])
  }

  @Test func shardRecordsAreThoseOfOnePackageAndSubdirByFileName() async throws {
    let test = try await TestStore()
    for name in ["a-2-0.conda", "a-10-0.conda", "a-1-0.tar.bz2", "ab-1-0.conda"] {
      try await test.publish(name)
    }
    try await test.publish("a-3-0.conda", in: "noarch")
    let records = try await test.store.shardRecords(
      channelID: test.channel.id, subdir: "linux-64", packageName: "a")
    #expect(records.map(\.fileName) == ["a-1-0.tar.bz2", "a-10-0.conda", "a-2-0.conda"])
    #expect(records.map(\.format) == ["tar.bz2", "conda", "conda"])
    #expect(records.map(\.messagePack) == records.map { Array($0.fileName.utf8) })
    #expect(
      try await test.store.shardRecords(channelID: 99, subdir: "linux-64", packageName: "a").isEmpty)
  }

  @Test func aMarkSetAgainWhileItsShardWasBuiltSurvives() async throws {
    let test = try await TestStore()
    try await test.publish("a-1-0.conda")
    try await test.publish("b-1-0.conda")
    let marks = try await test.store.markedShards()
    #expect(marks.map(\.packageName) == ["a", "b"])
    try await test.publish("a-2-0.conda")
    try await commit(test, clearing: marks)
    #expect(try await test.store.markedShards().map(\.packageName) == ["a"])
    try await commit(test, clearing: test.store.markedShards())
    #expect(try await test.store.markedShards().isEmpty)
  }

  @Test func aStaleMarkCannotClearOneThatWasClearedAndSetAgain() async throws {
    let test = try await TestStore()
    try await test.publish("a-1-0.conda")
    let old = try await test.store.markedShards()
    try await commit(test, clearing: old)
    try await test.publish("a-2-0.conda")
    try await commit(test, clearing: old)
    #expect(try await test.store.markedShards().count == 1)
  }

  @Test func replacedShardsStayReachableUntilTheyArePurged() async throws {
    let test = try await TestStore()
    let id = test.channel.id
    try await setShard(test, "a", bytes: "one", at: Times.start)
    try await setShard(test, "a", bytes: "two", at: Times.later)
    #expect(try await test.store.shards(channelID: id, subdir: "linux-64").map(\.sha256) == [.fake("two")])
    for bytes in ["one", "two"] {
      #expect(try await test.store.shardExists(channelID: id, subdir: "linux-64", sha256: .fake(bytes)) == 1)
    }
    #expect(try await test.store.shardExists(channelID: id, subdir: "noarch", sha256: .fake("two")) == nil)
    #expect(try await test.store.purgeRetiredShards(before: Times.later).isEmpty)
    #expect(try await test.store.purgeRetiredShards(before: Times.muchLater) == [.fake("one")])
    #expect(try await test.store.shardExists(channelID: id, subdir: "linux-64", sha256: .fake("one")) == nil)
  }

  @Test func settingTheSameShardAgainRetiresNothing() async throws {
    let test = try await TestStore()
    for _ in 0..<2 { try await setShard(test, "a", bytes: "one", at: Times.start) }
    #expect(try await test.text("SELECT count(*) FROM retiredShard") == ["0"])
  }

  @Test func aPurgeSparesShardsThatAreCurrentElsewhere() async throws {
    let test = try await TestStore()
    try await setShard(test, "a", bytes: "one", at: Times.start)
    try await setShard(test, "b", bytes: "one", at: Times.start)
    try await setShard(test, "a", bytes: "two", at: Times.start)
    #expect(try await test.store.purgeRetiredShards(before: Times.muchLater).isEmpty)
  }

  @Test func aRemovedShardIsNoLongerListedButStillReachable() async throws {
    let test = try await TestStore()
    try await setShard(test, "a", bytes: "one", at: Times.start)
    try await test.store.commitIndex(
      IndexUpdate(
        channelID: test.channel.id, subdir: "linux-64", removedShards: ["a", "never"], now: Times.later))
    #expect(try await test.store.shards(channelID: test.channel.id, subdir: "linux-64").isEmpty)
    let size = try await test.store.shardExists(
      channelID: test.channel.id, subdir: "linux-64", sha256: .fake("one"))
    #expect(size == 1)
  }

  @Test func theDocumentsGenerationNeverGoesBack() async throws {
    let test = try await TestStore()
    for number in 1...3 { try await test.publish("a-\(number)-0.conda") }
    for generation: Int64 in [3, 1, 2] { try await commitDocuments(test, generation: generation) }
    let state = try await test.store.subdirState(channelID: test.channel.id, subdir: "linux-64")
    #expect(state?.documentsGeneration == 3)
    #expect(try await !test.store.staleSubdirs().contains { $0.subdir == "linux-64" })
    let kind = await kind { try await commitDocuments(test, generation: 4) }
    #expect(kind == .constraint)
    try await test.publish("a-4-0.conda")
    #expect(try await test.store.staleSubdirs().map(\.subdir).contains("linux-64"))
  }

  @Test func documentsAreReplacedAndRemovedTogether() async throws {
    let test = try await TestStore()
    let id = test.channel.id
    try await test.store.commitDocuments(
      channelID: id, subdir: nil,
      documents: [.sample("channeldata.json", channelID: id), .sample("old.json", channelID: id)],
      removedPaths: [], generation: nil, now: Times.start)
    try await test.store.commitDocuments(
      channelID: id, subdir: nil, documents: [.sample("channeldata.json", channelID: id, bytes: "new")],
      removedPaths: ["old.json"], generation: nil, now: Times.later)
    #expect(try await test.store.documents(channelID: id).map(\.path) == ["channeldata.json"])
    let document = try await test.store.document(channelID: id, path: "channeldata.json")
    #expect(try document?.sha256 == .fake("new"))
    #expect(try await test.store.document(channelID: id, path: "old.json") == nil)
  }

  @Test func aDocumentsTimeChangesWithItsBytesOnly() async throws {
    let test = try await TestStore()
    let id = test.channel.id
    for (bytes, now, expected) in [
      ("one", Times.start, Times.start), ("one", Times.later, Times.start), ("two", Times.later, Times.later),
    ] {
      try await test.store.commitDocuments(
        channelID: id, subdir: nil, documents: [.sample("x", channelID: id, bytes: bytes)], now: now)
      let document = try await test.store.document(channelID: id, path: "x")
      #expect(document?.modifiedAt.milliseconds == expected.milliseconds)
    }
  }

  @Test func markingAllMarksPackagesWithArtifactsOrShardsInTheSubdir() async throws {
    let test = try await TestStore()
    try await test.publish("a-1-0.conda")
    try await test.publish("c-1-0.conda", in: "noarch")
    try await commit(test, clearing: test.store.markedShards())
    try await setShard(test, "lost", bytes: "one", at: Times.start)
    try await test.store.markAllStale(channelID: test.channel.id, subdir: "linux-64")
    let marks = try await test.store.markedShards(channelID: test.channel.id, subdir: "linux-64")
    #expect(marks.map(\.packageName) == ["a", "lost"])
    #expect(try await test.store.staleSubdirs().contains { $0.subdir == "linux-64" && $0.generation > 1 })
    #expect(
      try await test.store.markedShards(channelID: test.channel.id, subdir: "noarch").map(\.packageName) == [
        "c"
      ])
  }

  @Test func aListingShowsTheNewestByName() async throws {
    let test = try await TestStore()
    try await test.publish("a-1-0.conda", at: Times.start)
    try await test.publish("b-1-0.conda", at: Times.later)
    try await test.publish("c-1-0.conda", at: Times.later)
    try await test.publish("a-1-0.conda", bytes: "x", replacing: true, at: Times.muchLater)
    try await test.publish("d-1-0.conda", in: "noarch")
    let listing = try await test.store.listing(channelID: test.channel.id, subdir: "linux-64", limit: 2)
    #expect(listing.total == 3)
    #expect(listing.artifacts.map(\.fileName) == ["a-1-0.conda", "c-1-0.conda"])
    #expect(try listing.artifacts.first?.sha256 == .fake("x"))
    let last = try await test.store.lastChange(channelID: test.channel.id, subdir: "linux-64")
    #expect(last?.milliseconds == Times.muchLater.milliseconds)
  }

  @Test func committingToADeletedChannelIsNotFound() async throws {
    let test = try await TestStore()
    try await test.store.deleteChannel(id: test.channel.id, now: Times.start)
    #expect(await kind { try await commit(test, clearing: []) } == .notFound)
    #expect(await kind { try await commitDocuments(test, generation: 1) } == .notFound)
  }

  @Test func allDigestsAreListedOnceInPages() async throws {
    let test = try await TestStore()
    let id = test.channel.id
    try await setShard(test, "a", bytes: "one", at: Times.start)
    try await setShard(test, "a", bytes: "two", at: Times.start)
    try await setShard(test, "b", bytes: "two", at: Times.start)
    try await test.store.commitDocuments(
      channelID: id, subdir: nil, documents: [.sample("x", channelID: id, bytes: "three")], now: Times.start)
    var pages: [[Digest]] = []
    repeat {
      pages.append(try await test.store.allDocumentDigests(after: pages.last?.last, limit: 2))
    } while !pages[pages.count - 1].isEmpty
    #expect(pages.map(\.count) == [2, 1, 0])
    #expect(try Set(pages.joined()) == [.fake("one"), .fake("two"), .fake("three")])
  }

  private func commit(_ test: TestStore, clearing marks: [IndexMark]) async throws {
    try await test.store.commitIndex(
      IndexUpdate(
        channelID: test.channel.id, subdir: "linux-64", clearedMarks: marks, now: Times.start))
  }

  private func setShard(_ test: TestStore, _ name: String, bytes: String, at now: Date) async throws {
    try await test.store.commitIndex(
      IndexUpdate(
        channelID: test.channel.id, subdir: "linux-64",
        shards: [ShardRow(packageName: name, sha256: .fake(bytes), size: 1)], now: now))
  }

  private func commitDocuments(_ test: TestStore, generation: Int64) async throws {
    try await test.store.commitDocuments(
      channelID: test.channel.id, subdir: "linux-64", documents: [], generation: generation, now: Times.start)
  }
}

extension MetadataStore {
  /// Visits what stands in `packages` and `packages.conda`, and says which generation it is of.
  func snapshotRecords(
    channelID: Int64, subdir: String, visit: @escaping @Sendable (RecordVisit) throws -> Void
  ) async throws(MetadataError) -> Int64 {
    try await withSnapshot(channelID: channelID, subdir: subdir) { snapshot in
      for format in ["tar.bz2", "conda"] {
        try snapshot.forEachRecord(.packages, format: format, visit)
      }
      return snapshot.generation
    }
  }
}

@Suite struct SnapshotTests {
  private final class Visits: Sendable {
    let lines = Guarded<[String]>([])

    func visit(_ record: RecordVisit) {
      let json = String(decoding: record.json, as: UTF8.self)
      let runExports = record.runExports.map { String(decoding: $0, as: UTF8.self) } ?? "-"
      lines.withLock { $0.append("\(record.format) \(record.fileName) \(json.utf8.count) \(runExports)") }
    }
  }

  @Test func recordsComeByFormatThenFileNameWithTheirGeneration() async throws {
    let test = try await TestStore()
    try await test.publish("b-1-0.conda", runExports: "{}")
    try await test.publish("a-1-0.conda")
    try await test.publish("c-1-0.tar.bz2", runExports: #"{"weak":["c"]}"#)
    try await test.publish("z-1-0.conda", in: "noarch")
    let visits = Visits()
    let generation = try await test.store.snapshotRecords(channelID: test.channel.id, subdir: "linux-64") {
      visits.visit($0)
    }
    #expect(generation == 3)
    #expect(
      visits.lines.withLock { $0 } == [
        #"tar.bz2 c-1-0.tar.bz2 58 {"weak":["c"]}"#, "conda a-1-0.conda 56 -", "conda b-1-0.conda 56 {}",
      ])
  }

  /// A publication that commits in the middle of a snapshot is in neither the records nor the generation.
  @Test func aPublicationDuringASnapshotIsNotSeen() async throws {
    let test = try await TestStore()
    for name in ["a", "m", "z"] { try await test.publish("\(name)-1-0.conda") }
    let visits = Visits()
    let published = DispatchSemaphore(value: 0)
    let (reached, reachedContinuation) = AsyncStream.makeStream(of: Void.self)
    async let generation = test.store.snapshotRecords(channelID: test.channel.id, subdir: "linux-64") {
      record in
      visits.visit(record)
      if record.fileName == "a-1-0.conda" {
        reachedContinuation.finish()
        published.wait()
      }
    }
    for await _ in reached {}
    try await test.publish("n-1-0.conda")
    published.signal()
    #expect(try await generation == 3)
    #expect(visits.lines.withLock { $0.count } == 3)
    #expect(
      try await test.store.subdirState(channelID: test.channel.id, subdir: "linux-64")?.generation == 4)
  }

  @Test func anUnknownSubdirHasNoRecordsAndGenerationZero() async throws {
    let test = try await TestStore()
    let generation = try await test.store.snapshotRecords(channelID: test.channel.id, subdir: "win-64") { _ in
      Issue.record("visited a record")
    }
    #expect(generation == 0)
  }

  @Test func anErrorOfTheVisitorEndsTheSnapshot() async throws {
    let test = try await TestStore()
    try await test.publish("a-1-0.conda")
    let kind = await kind {
      _ = try await test.store.snapshotRecords(channelID: test.channel.id, subdir: "linux-64") { _ in
        throw MetadataError(.outOfSpace, "on purpose")
      }
    }
    #expect(kind == .outOfSpace)
  }
}
