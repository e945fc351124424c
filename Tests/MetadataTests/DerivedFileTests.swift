import CondaTypes
import Testing

@testable import Metadata

@Suite struct DerivedFileTests {
  private static func setShard(
    _ test: TestStore, _ name: String, bytes: String, subdir: String = "linux-64"
  ) async throws {
    try await test.store.commitIndex(
      IndexUpdate(
        channelID: test.channel.id, subdir: subdir,
        shards: [ShardRow(packageName: name, sha256: .fake(bytes), size: 1)], now: Times.start))
  }

  @Test func aFileIsFoundInItsSubdirs() async throws {
    let test = try await TestStore()
    let id = test.channel.id
    try await Self.setShard(test, "a", bytes: "shard")
    try await Self.setShard(test, "a", bytes: "shard", subdir: "osx-64")
    try await test.store.commitDocuments(
      channelID: id, subdir: nil,
      documents: [
        .sample("win-64/repodata.json", channelID: id, bytes: "repodata"),
        .sample("channeldata.json", channelID: id, bytes: "root"),
      ], now: Times.start)
    #expect(try await test.store.subdirs(withFiles: [.fake("shard")]) == [id: ["linux-64", "osx-64"]])
    #expect(try await test.store.subdirs(withFiles: [.fake("repodata")]) == [id: ["win-64"]])
    #expect(try await test.store.subdirs(withFiles: [.fake("root")]) == [id: ["noarch"]])
    #expect(
      try await test.store.subdirs(withFiles: [.fake("root"), .fake("shard"), .fake("none")])
        == [id: ["linux-64", "noarch", "osx-64"]])
    #expect(try await test.store.subdirs(withFiles: [.fake("none")]).isEmpty)
  }

  @Test func aRetiredShardIsForgottenUnlessACurrentOneHasItsBytes() async throws {
    let test = try await TestStore()
    let id = test.channel.id
    for bytes in ["one", "two", "three"] { try await Self.setShard(test, "a", bytes: bytes) }
    try await Self.setShard(test, "b", bytes: "two")
    let digests = try ["one", "two", "three"].map { try Digest.fake($0) }
    #expect(try await test.store.subdirs(withFiles: [digests[0]]).isEmpty)
    #expect(try await test.store.forgetRetiredShards(digests) == [id])
    #expect(try await test.store.forgetRetiredShards(digests).isEmpty)
    #expect(try await test.text("SELECT count(*) FROM retiredShard") == ["1"])
    for (digest, size) in zip(digests, [nil, 1, 1]) {
      #expect(
        try await test.store.shardExists(channelID: id, subdir: "linux-64", sha256: digest)
          == size.map { Int64($0) })
    }
  }
}
