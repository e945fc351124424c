import CondaTypes
import Foundation
import GRDB
import Testing

@testable import Metadata

@Suite struct PlacementTests {
  private static func publish(_ fileName: String, schemaVersion: Int, in test: TestStore) async throws {
    var new = try NewArtifact.sample(
      fileName, subdir: "linux-64", bytes: fileName, channelID: test.channel.id, uploaderID: test.user.id,
      now: Times.start)
    new.info = #"{"name":"a","schema_version":\#(schemaVersion)}"#
    _ = try await test.store.publishArtifact(new, replacing: true, render: render(fileName))
  }

  @Test func aRecordOfSchemaVersion3StandsApart() async throws {
    let test = try await TestStore()
    for (name, version) in [("a-1-0.conda", 2), ("a-2-0.conda", 3), ("a-3-0.tar.bz2", 4)] {
      try await Self.publish(name, schemaVersion: version, in: test)
    }
    let records = try await test.store.shardRecords(
      channelID: test.channel.id, subdir: "linux-64", packageName: "a")
    #expect(records.map(\.placement) == [.packages, .v3, .v3])
    let seen = try await test.store.withSnapshot(channelID: test.channel.id, subdir: "linux-64") { snapshot in
      var names: [String] = []
      for format in ["conda", "tar.bz2"] {
        try snapshot.forEachRecord(.v3, format: format) { names.append($0.fileName) }
      }
      let revision = try snapshot.revision3()
      return names + ["\(revision?.count ?? 0)"]
    }
    #expect(seen == ["a-2-0.conda", "a-3-0.tar.bz2", "2"])
  }

  @Test func anOverwrittenRecordMovesWithItsFormat() async throws {
    let test = try await TestStore()
    for version in [3, 1] {
      try await Self.publish("a-1-0.conda", schemaVersion: version, in: test)
      let isThere = try await test.text(
        "SELECT placement = ? FROM artifact", [version == 3 ? "v3" : "packages"])
      #expect(isThere == ["1"])
    }
  }
}
