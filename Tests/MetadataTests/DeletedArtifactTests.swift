import CondaTypes
import Foundation
import Testing

@testable import Metadata

@Suite struct DeletedArtifactTests {
  private func deleted(_ test: TestStore, _ fileName: String) async throws -> ArtifactTemplate? {
    try await test.store.deletedArtifact(
      channelID: test.channel.id, subdir: "linux-64", fileName: fileName)
  }

  @Test func keepsTheBytesUntilTheyArePurged() async throws {
    let test = try await TestStore()
    let published = try await test.publish("a-1-0.conda", runExports: #"{"weak":["a"]}"#)
    _ = try await test.store.deleteArtifact(
      channelID: test.channel.id, subdir: "linux-64", fileName: "a-1-0.conda", keepingDeleted: true,
      now: Times.later)
    let template = try #require(await deleted(test, "a-1-0.conda"))
    #expect(template.artifact.sha256 == published.artifact.sha256)
    #expect(template.artifact.runExports == #"{"weak":["a"]}"#)
    #expect(template.timeCreated == published.artifact.timeCreated)
    let future = Times.muchLater.addingTimeInterval(1e6)
    #expect(try await test.store.unreferencedBlobs(olderThan: future, limit: 9).isEmpty)
    #expect(try await !test.store.forgetBlob(published.artifact.sha256))
    try await test.store.purgeDeletedArtifacts(before: Times.later)
    #expect(try await deleted(test, "a-1-0.conda") != nil)
    try await test.store.purgeDeletedArtifacts(before: Times.muchLater)
    #expect(try await deleted(test, "a-1-0.conda") == nil)
    #expect(
      try await test.store.unreferencedBlobs(olderThan: future, limit: 9) == [published.artifact.sha256])
  }

  @Test func theLastOneOfANameComesBack() async throws {
    let test = try await TestStore()
    for bytes in ["one", "two"] {
      try await test.publish("a-1-0.conda", bytes: bytes, at: bytes == "one" ? Times.start : Times.later)
      _ = try await test.store.deleteArtifact(
        channelID: test.channel.id, subdir: "linux-64", fileName: "a-1-0.conda", keepingDeleted: true,
        now: bytes == "one" ? Times.start : Times.later)
    }
    #expect(try await deleted(test, "a-1-0.conda")?.artifact.sha256 == .fake("two"))
  }

  @Test func whatWasYankedComesBackYanked() async throws {
    let test = try await TestStore()
    let id = test.channel.id
    try await test.publish("a-1-0.conda")
    try await test.publish("a-2-0.conda")
    _ = try await test.store.yankArtifact(
      channelID: id, subdir: "linux-64", fileName: "a-2-0.conda", reason: "broken", now: Times.later)
    _ = try await test.store.deleteArtifact(
      channelID: id, subdir: "linux-64", fileName: "a-2-0.conda", keepingDeleted: true, now: Times.later)
    let template = try #require(await deleted(test, "a-2-0.conda"))
    _ = try await test.store.publishArtifact(
      template.artifact, replacing: false, render: render("a-2-0.conda"))
    let artifact = try await test.store.artifact(
      channelID: id, subdir: "linux-64", fileName: "a-2-0.conda")
    #expect(artifact?.yank?.reason == "broken")
    #expect(artifact?.yank?.time.milliseconds == Times.later.milliseconds)
    #expect(
      try await test.text("SELECT placement FROM artifact ORDER BY fileName") == [
        #""packages""#, #""removed""#,
      ])
    #expect(try await test.package("a")?.currentVersion == "1")
  }

  /// The package is made for it, and has nothing in the index.
  @Test func whatComesBackYankedMakesAPackageWithoutAVersion() async throws {
    let test = try await TestStore()
    let id = test.channel.id
    try await test.publish("a-1-0.conda")
    _ = try await test.store.yankArtifact(
      channelID: id, subdir: "linux-64", fileName: "a-1-0.conda", reason: "broken", now: Times.later)
    _ = try await test.store.deleteArtifact(
      channelID: id, subdir: "linux-64", fileName: "a-1-0.conda", keepingDeleted: true, now: Times.later)
    #expect(try await test.package("a") == nil)
    let template = try #require(await deleted(test, "a-1-0.conda"))
    _ = try await test.store.publishArtifact(
      template.artifact, replacing: false, render: render("a-1-0.conda"))
    let package = try #require(await test.package("a"))
    #expect(package.currentVersion == nil && package.platforms == nil && package.channelData == nil)
    #expect(package.latestChange == nil && package.summary == "About a")
  }

  @Test func packagesAndChannelsKeepAllOfTheirs() async throws {
    let test = try await TestStore()
    for name in ["a-1-0.conda", "a-2-0.conda", "b-1-0.conda"] { try await test.publish(name) }
    for name in ["a-2-0.conda", "b-1-0.conda"] {
      _ = try await test.store.yankArtifact(
        channelID: test.channel.id, subdir: "linux-64", fileName: name, reason: "broken", now: Times.start)
    }
    let package = try #require(await test.package("a"))
    try await test.store.deletePackage(id: package.id, keepingDeleted: true, now: Times.start)
    #expect(try await test.text("SELECT count(*) FROM deletedArtifact") == ["2"])
    try await test.store.deleteChannel(id: test.channel.id, keepingDeleted: true, now: Times.start)
    #expect(
      try await test.text("SELECT fileName, channelName, yankReason FROM deletedArtifact ORDER BY fileName")
        == [
          #""a-1-0.conda" "Main" NULL"#, #""a-2-0.conda" "Main" "broken""#, #""b-1-0.conda" "Main" "broken""#,
        ])
  }

  @Test func nothingIsKeptUnlessAskedFor() async throws {
    let test = try await TestStore()
    try await test.publish("a-1-0.conda")
    try await test.store.deleteChannel(id: test.channel.id)
    #expect(try await test.text("SELECT count(*) FROM deletedArtifact") == ["0"])
  }
}
