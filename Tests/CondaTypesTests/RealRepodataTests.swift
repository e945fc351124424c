import CondaTypes
import Foundation
import Testing

/// The records of a real channel: all must be read, and written again as they were.
@Suite struct RealRepodataTests {
  /// `../shared` beside the repository, where the machines that build this have large test data.
  static let file = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../shared/repodata/pytorch-linux-64.json").standardizedFileURL

  static var isFileThere: Bool { FileManager.default.isReadableFile(atPath: file.path) }

  @Test(.enabled(if: isFileThere, "the real repodata is not on this machine"))
  func recordsOfARealChannelSurvive() throws {
    let repodata = try JSONValue(parsing: Data(contentsOf: Self.file))
    var count = 0
    for key in ["packages", "packages.conda"] {
      for (fileName, record) in try #require(repodata[key]?.asObject) {
        let name = try ArtifactName(parsing: fileName)
        let index = try IndexJSON.parse(Array(record.canonicalText().utf8)).get()
        #expect(index.name == name.name && index.version == name.version && index.build == name.build)
        let written = PackageRecord(
          index: index, sha256: try Digest(sha256Hex: try #require(record["sha256"]?.asString)),
          md5: try Digest(md5Hex: try #require(record["md5"]?.asString)),
          size: try #require(record["size"]?.asInteger),
          indexedTimestamp: 1, timeModified: nil)
        #expect(
          Self.normalised(written.members) == Self.normalised(try #require(record.asObject)), "\(fileName)")
        count += 1
      }
    }
    #expect(count > 2000)
  }

  /// Without what the channel's indexer did not write, or wrote although it says nothing.
  private static func normalised(_ members: [String: JSONValue]) -> [String: JSONValue] {
    members.filter {
      $0.key != "indexed_timestamp" && $0.value != .null && ($0.key, $0.value) != ("constrains", .array([]))
    }
  }
}
