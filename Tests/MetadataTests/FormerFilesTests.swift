import Foundation
import Testing

@testable import Metadata

@Suite struct FormerFilesTests {
  private func wasReplaced(_ test: TestStore, channelID: Int64? = nil) async throws -> Bool? {
    try await test.store.resolveArtifact(
      channelID: channelID ?? test.channel.id, subdir: "linux-64", fileName: "a-1.0-0.conda")?.wasReplaced
  }

  @Test func aFirstUploadMayBeCachedForEver() async throws {
    let test = try await TestStore()
    try await test.publish("a-1.0-0.conda")
    #expect(try await wasReplaced(test) == false)
    try await test.publish("a-1.0-0.conda", replacing: true)
    #expect(try await wasReplaced(test) == false, "the same bytes lie there")
  }

  @Test func otherBytesUnderTheSameAddressMayNot() async throws {
    let test = try await TestStore()
    try await test.publish("a-1.0-0.conda")
    try await test.publish("a-1.0-0.conda", bytes: "other", replacing: true)
    #expect(try await wasReplaced(test) == true)
  }

  @Test func deletionIsRemembered() async throws {
    let test = try await TestStore()
    try await test.publish("a-1.0-0.conda")
    _ = try await test.store.deleteArtifact(
      channelID: test.channel.id, subdir: "linux-64", fileName: "a-1.0-0.conda", now: Times.later)
    try await test.publish("a-1.0-0.conda", bytes: "other")
    #expect(try await wasReplaced(test) == true)
  }

  @Test func deletionOfThePackageIsRemembered() async throws {
    let test = try await TestStore()
    try await test.publish("a-1.0-0.conda")
    let package = try #require(try await test.package("a"))
    try await test.store.deletePackage(id: package.id, now: Times.later)
    try await test.publish("a-1.0-0.conda", bytes: "other")
    #expect(try await wasReplaced(test) == true)
  }

  @Test func aChannelMadeAgainUnderTheSameNameRemembers() async throws {
    let test = try await TestStore()
    try await test.publish("a-1.0-0.conda")
    try await test.store.deleteChannel(id: test.channel.id)
    let again = try await test.store.createChannel(
      NewChannel(name: "MAIN", isPrivate: false), owner: test.user.id, now: Times.later)
    try await test.publish("a-1.0-0.conda", bytes: "other", channelID: again.id)
    #expect(try await wasReplaced(test, channelID: again.id) == true)
  }
}
