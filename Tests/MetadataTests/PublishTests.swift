import CondaTypes
import Foundation
import Testing

@testable import Metadata

@Suite struct PublishTests {
  @Test func anUploadMakesItsPackageAndShowsInEveryRead() async throws {
    let test = try await TestStore()
    let published = try await test.publish("a-1.0-0.conda", home: "http://a.example", owner: true)
    #expect(published.createdPackage)
    #expect(published.replacedSHA256 == nil)
    #expect(published.artifact.uploaderName == "Alice")
    #expect(published.artifact.indexedTimestamp == 1_700_000_000_123)
    #expect(published.artifact.timeCreated.milliseconds == Times.start.milliseconds)
    let resolved = try await test.store.resolveArtifact(
      channelID: test.channel.id, subdir: "linux-64", fileName: "a-1.0-0.conda")
    #expect(resolved?.sha256 == published.artifact.sha256)
    #expect(resolved?.size == 100)
    let package = try #require(await test.package("a"))
    #expect(package.currentVersion == "1.0")
    #expect(package.platforms == ["linux-64"])
    #expect(package.url == "http://a.example")
    #expect(package.summary == "About a")
    #expect(package.latestChange?.milliseconds == Times.start.milliseconds)
    #expect(try await test.store.packageMembers(package.id).map(\.role) == [.owner])
    #expect(try await test.store.channel(id: test.channel.id)?.size == 100)
    #expect(try await test.store.blobExists(sha256: published.artifact.sha256))
  }

  @Test func aSecondUploadOfTheFileIsAConflictAndChangesNothing() async throws {
    let test = try await TestStore()
    try await test.publish("a-1.0-0.conda")
    let before = try await test.store.subdirState(channelID: test.channel.id, subdir: "linux-64")
    let kind = await kind { try await test.publish("a-1.0-0.conda", bytes: "other", size: 7) }
    #expect(kind == .conflict(what: "artifact"))
    #expect(try await test.store.channel(id: test.channel.id)?.size == 100)
    #expect(try await test.store.subdirState(channelID: test.channel.id, subdir: "linux-64") == before)
    #expect(try await !test.store.blobExists(sha256: .fake("other")))
  }

  @Test func theSameBuildUnderAnotherNameIsAConflict() async throws {
    let test = try await TestStore()
    try await test.publish("a-1.0-0.conda")
    var new = try NewArtifact.sample(
      "a-1.0-0.conda", subdir: "linux-64", bytes: "x", channelID: test.channel.id, uploaderID: test.user.id,
      now: Times.start)
    new.fileName = "A-1.0-0.conda"
    let copy = new
    let kind = await kind {
      _ = try await test.store.publishArtifact(copy, replacing: true, render: render(copy.fileName))
    }
    #expect(kind == .conflict(what: "artifact"))
  }

  @Test func bothFormatsOfABuildCoexist() async throws {
    let test = try await TestStore()
    try await test.publish("a-1.0-0.conda")
    #expect(try await !test.publish("a-1.0-0.tar.bz2").createdPackage)
    #expect(try await test.store.artifacts(channelID: test.channel.id, packageName: "a").count == 2)
  }

  @Test func ofSixteenUploadsOfOneFileExactlyOneSucceeds() async throws {
    let test = try await TestStore()
    let outcomes = await withTaskGroup(of: MetadataError.Kind?.self) { group in
      for number in 0..<16 {
        group.addTask {
          await kind { try await test.publish("a-1.0-0.conda", bytes: "bytes \(number)") }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.count { $0 == nil } == 1)
    #expect(outcomes.count { $0 == .conflict(what: "artifact") } == 15)
    #expect(try await test.store.channel(id: test.channel.id)?.size == 100)
    #expect(try await test.text("SELECT count(*) FROM blob") == ["1"])
  }

  @Test func concurrentUploadsOfManyFilesAllLandAndTheSizeAddsUp() async throws {
    let test = try await TestStore()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<100 {
        group.addTask { try await test.publish("a-\(number)-0.conda", size: Int64(number)) }
      }
      try await group.waitForAll()
    }
    #expect(try await test.store.channel(id: test.channel.id)?.size == 4950)
    #expect(try await test.package("a")?.currentVersion == "99")
    let state = try await test.store.subdirState(channelID: test.channel.id, subdir: "linux-64")
    #expect(state?.generation == 100)
  }

  @Test func replacingWithNewBytesKeepsIdentityAndStartsANewIndexedTimestamp() async throws {
    let test = try await TestStore()
    let old = try await test.publish("a-1.0-0.conda", home: "http://old.example").artifact
    let key = try await test.downloadKey("a-1.0-0.conda")
    try await test.store.addDownloads([key: 5], now: Times.start)
    let published = try await test.publish(
      "a-1.0-0.conda", bytes: "new", size: 30, replacing: true, at: Times.later, home: "http://new.example")
    let new = published.artifact
    #expect(published.replacedSHA256 == old.sha256)
    #expect(!published.createdPackage)
    #expect(new.id == old.id)
    #expect(try await test.downloadKey("a-1.0-0.conda") == key)
    #expect(new.timeCreated == old.timeCreated)
    #expect(new.downloadCount == 5)
    #expect(new.timeModified.milliseconds == Times.later.milliseconds)
    #expect(new.indexedTimestamp == Times.later.milliseconds)
    #expect(try await test.store.channel(id: test.channel.id)?.size == 30)
    #expect(try await test.package("a")?.url == "http://new.example")
  }

  @Test func replacingWithTheSameBytesKeepsTheIndexedTimestamp() async throws {
    let test = try await TestStore()
    let old = try await test.publish("a-1.0-0.conda").artifact
    let new = try await test.publish("a-1.0-0.conda", replacing: true, at: Times.later).artifact
    #expect(new.indexedTimestamp == old.indexedTimestamp)
    #expect(new.timeModified.milliseconds == Times.later.milliseconds)
    let records = try await test.text("SELECT json_extract(json, '$.indexed_timestamp') FROM artifactRecord")
    #expect(records == ["1700000000123"])
  }

  @Test func theQuotaHoldsWithinTheTransaction() async throws {
    let test = try await TestStore()
    try await test.publish("a-1-0.conda", size: 60, sizeLimit: 100)
    try await test.publish("a-2-0.conda", size: 40, sizeLimit: 100)
    let kind = await kind { try await test.publish("a-3-0.conda", size: 1, sizeLimit: 100) }
    #expect(kind == .quotaExceeded(limit: 100))
    #expect(try await test.store.channel(id: test.channel.id)?.size == 100)
    try await test.publish("a-2-0.conda", bytes: "x", size: 39, replacing: true, sizeLimit: 100)
    try await test.publish("a-3-0.conda", size: 1, sizeLimit: 100)
    #expect(try await test.store.channel(id: test.channel.id)?.size == 100)
  }

  @Test func concurrentUploadsCannotOverrunTheQuotaTogether() async throws {
    let test = try await TestStore()
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<20 {
        group.addTask { _ = try? await test.publish("a-\(number)-0.conda", size: 30, sizeLimit: 100) }
      }
    }
    #expect(try await test.store.channel(id: test.channel.id)?.size == 90)
  }

  @Test func anErrorWhileRenderingLeavesNothingBehind() async throws {
    let test = try await TestStore()
    let new = try NewArtifact.sample(
      "a-1-0.conda", subdir: "linux-64", bytes: "a", channelID: test.channel.id, uploaderID: test.user.id,
      now: Times.start)
    let kind = await kind {
      _ = try await test.store.publishArtifact(new, replacing: false) { _ in
        throw MetadataError(.unexpected, "on purpose")
      }
    }
    #expect(kind == .unexpected)
    #expect(try await test.package("a") == nil)
    #expect(try await !test.store.blobExists(sha256: new.sha256))
    #expect(try await test.store.markedShards().isEmpty)
  }

  @Test func anUnknownChannelIsNotFound() async throws {
    let test = try await TestStore()
    #expect(await kind { try await test.publish("a-1-0.conda", channelID: 99) } == .notFound)
  }

  @Test(arguments: [
    (["1.9", "1.10"], "1.10"), (["1.10", "1.9"], "1.10"), (["2.0", "2.0rc1"], "2.0"),
    (["1!0.1", "9"], "1!0.1"),
  ]) func theCurrentVersionFollowsCondasOrder(_ versions: [String], _ current: String) async throws {
    let test = try await TestStore()
    for (index, version) in versions.enumerated() {
      try await test.publish("a-\(version)-0.conda", at: Times.start.addingTimeInterval(Double(index)))
    }
    #expect(try await test.package("a")?.currentVersion == current)
  }

  @Test func ofOneVersionTheHigherBuildNumberThenTheLaterUploadIsCurrent() async throws {
    let test = try await TestStore()
    try await test.publish("a-1-h_2.conda", buildNumber: 2, at: Times.later)
    try await test.publish("a-1-h_1.conda", buildNumber: 1, at: Times.muchLater)
    #expect(try await test.package("a")?.latestChange?.milliseconds == Times.later.milliseconds)
    try await test.publish("a-1-g_2.conda", buildNumber: 2, at: Times.muchLater)
    #expect(try await test.package("a")?.latestChange?.milliseconds == Times.muchLater.milliseconds)
  }

  @Test func platformsAndChannelDataUniteOverArtifacts() async throws {
    let test = try await TestStore()
    try await test.publish("a-1-0.conda", in: "osx-64", home: "http://old.example")
    try await test.publish("a-2-0.conda", in: "linux-64", home: "http://new.example")
    let package = try #require(await test.package("a"))
    #expect(package.platforms == ["linux-64", "osx-64"])
    #expect(package.url == "http://new.example")
    let entry = try JSONValue(parsing: Array((package.channelData ?? "").utf8))
    #expect(entry["subdirs"] == .array([.string("linux-64"), .string("osx-64")]))
    #expect(entry["version"] == .string("2"))
  }

  @Test func laterUploadsDoNotChangeTheSummary() async throws {
    let test = try await TestStore()
    _ = try await test.store.createPackage(
      channelID: test.channel.id, name: "a", summary: nil, description: "mine", owner: test.user.id,
      now: Times.start)
    #expect(try await !test.publish("a-1-0.conda").createdPackage)
    let package = try #require(await test.package("a"))
    #expect(package.summary == "About a")
    #expect(package.description == "mine")
  }

  @Test func publicationsAreAudited() async throws {
    let test = try await TestStore()
    try await test.publish("a-1-0.conda")
    try await test.publish("a-1-0.conda", bytes: "x", replacing: true)
    let lines = try await test.store.audit(channelID: test.channel.id, limit: 2).map(\.entry)
    #expect(lines.map(\.action) == ["artifact.replace", "artifact.publish"])
    #expect(lines.map(\.subject) == ["linux-64/a-1-0.conda", "linux-64/a-1-0.conda"])
    #expect(lines.map(\.actorID) == [test.user.id, test.user.id])
  }
}
