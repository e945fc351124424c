import CondaTypes
import Foundation
import Testing

@testable import Metadata

@Suite struct DeletionTests {
  @Test func deletingAnArtifactReworksItsPackageAndMarksItsShard() async throws {
    let test = try await TestStore()
    try await test.publish("a-1-0.conda", in: "osx-64", size: 10, home: "http://old.example")
    try await test.publish("a-2-0.conda", size: 20, home: "http://new.example")
    try await clearMarks(test)
    let deleted = try await test.store.deleteArtifact(
      channelID: test.channel.id, subdir: "linux-64", fileName: "a-2-0.conda", now: Times.later)
    #expect(deleted?.version == "2")
    let package = try #require(await test.package("a"))
    #expect(package.currentVersion == "1")
    #expect(package.platforms == ["osx-64"])
    #expect(package.url == "http://old.example")
    #expect(package.latestChange?.milliseconds == Times.start.milliseconds)
    #expect(try await test.store.channel(id: test.channel.id)?.size == 10)
    let marks = try await test.store.markedShards()
    #expect(marks.map(\.subdir) == ["linux-64"])
    #expect(marks.map(\.packageName) == ["a"])
    #expect(
      try await test.store.resolveArtifact(
        channelID: test.channel.id, subdir: "linux-64", fileName: "a-2-0.conda") == nil)
  }

  @Test func thePackageGoesWithItsLastArtifactAndOthersStay() async throws {
    let test = try await TestStore()
    _ = try await test.store.createPackage(
      channelID: test.channel.id, name: "empty", summary: nil, description: nil, owner: nil, now: Times.start)
    try await test.publish("a-1-0.conda")
    _ = try await test.store.deleteArtifact(
      channelID: test.channel.id, subdir: "linux-64", fileName: "a-1-0.conda", now: Times.later)
    #expect(try await test.package("a") == nil)
    #expect(try await test.package("empty") != nil)
    #expect(try await test.store.subdirs(channelID: test.channel.id) == ["linux-64", "noarch"])
    #expect(try await test.text("SELECT count(*) FROM artifactRecord") == ["0"])
  }

  @Test func deletingWhatIsNotThereChangesNothing() async throws {
    let test = try await TestStore()
    let deleted = try await test.store.deleteArtifact(
      channelID: test.channel.id, subdir: "linux-64", fileName: "a-1-0.conda", now: Times.later)
    #expect(deleted == nil)
    #expect(try await test.store.markedShards().isEmpty)
  }

  @Test func deletingAPackageMarksEverySubdirItWasIn() async throws {
    let test = try await TestStore()
    for subdir in ["linux-64", "noarch"] { try await test.publish("a-1-0.conda", in: subdir, size: 10) }
    try await test.publish("b-1-0.conda", size: 7)
    try await clearMarks(test)
    let package = try #require(await test.package("a"))
    try await test.store.deletePackage(id: package.id, now: Times.later)
    #expect(try await test.store.markedShards().map(\.subdir) == ["linux-64", "noarch"])
    #expect(try await test.store.channel(id: test.channel.id)?.size == 7)
    #expect(try await test.text("SELECT count(*) FROM artifact") == ["1"])
    let kind = await errorKind { () throws(MetadataError) in
      try await test.store.deletePackage(id: package.id, now: Times.later)
    }
    #expect(kind == .notFound)
  }

  @Test func deletingAChannelLeavesOnlyBlobsAndTheAuditLog() async throws {
    let test = try await TestStore()
    let published = try await test.publish("a-1-0.conda", owner: true)
    let id = test.channel.id
    try await test.store.commitIndex(
      IndexUpdate(
        channelID: id, subdir: "linux-64",
        shards: [ShardRow(packageName: "a", sha256: .fake("one"), size: 1)],
        documents: [.sample("linux-64/repodata_shards.msgpack.zst", channelID: id)], now: Times.start))
    try await test.store.commitIndex(
      IndexUpdate(channelID: id, subdir: "linux-64", removedShards: ["a"], now: Times.start))
    try await test.store.deleteChannel(id: id, actor: test.user.id, now: Times.later)
    let tables = [
      "channel", "channelMember", "package", "packageMember", "artifact", "artifactRecord", "subdirState",
      "staleShard", "shard", "retiredShard", "document",
    ]
    for table in tables { #expect(try await test.text("SELECT count(*) FROM \(table)") == ["0"], "\(table)") }
    #expect(try await test.store.blobExists(sha256: published.artifact.sha256))
    #expect(try await test.store.audit(channelID: id, limit: 1).first?.entry.action == "channel.delete")
    let again = try await test.store.createChannel(
      NewChannel(name: "main"), owner: test.user.id, now: Times.later)
    #expect(again.id != id)
  }

  @Test func aBlobIsForgottenOnlyOnceNothingRefersToIt() async throws {
    let test = try await TestStore()
    let shared = try await test.publish("a-1-0.conda", in: "noarch", bytes: "same").artifact.sha256
    try await test.publish("a-1-0.conda", in: "linux-64", bytes: "same")
    try await test.publish("b-1-0.conda", bytes: "kept")
    let future = Times.muchLater
    #expect(try await test.store.unreferencedBlobs(olderThan: future, limit: 10).isEmpty)
    for subdir in ["noarch", "linux-64"] {
      #expect(try await !test.store.forgetBlob(shared))
      _ = try await test.store.deleteArtifact(
        channelID: test.channel.id, subdir: subdir, fileName: "a-1-0.conda", now: Times.later)
    }
    #expect(try await test.store.unreferencedBlobs(olderThan: Times.later, limit: 10).isEmpty)
    #expect(try await test.store.unreferencedBlobs(olderThan: future, limit: 10) == [shared])
    #expect(try await test.store.forgetBlob(shared))
    #expect(try await !test.store.blobExists(sha256: shared))
    #expect(try await !test.store.forgetBlob(.fake("kept")))
  }

  private func clearMarks(_ test: TestStore) async throws {
    let marks = try await test.store.markedShards()
    for subdir in Set(marks.map(\.subdir)) {
      try await test.store.commitIndex(
        IndexUpdate(
          channelID: test.channel.id, subdir: subdir, clearedMarks: marks.filter { $0.subdir == subdir },
          now: Times.start))
    }
  }
}

extension DocumentRow {
  static func sample(_ path: String, channelID: Int64, bytes: String? = nil) throws -> DocumentRow {
    DocumentRow(
      channelID: channelID, path: path, sha256: try .fake(bytes ?? path), size: 1, modifiedAt: Times.start)
  }
}
