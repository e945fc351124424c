public import CondaTypes
public import Foundation
internal import GRDB

/// One of the artifacts that a channel got last.
public struct RecentArtifact: Hashable, Sendable {
  /// Its package.
  public var packageName: String
  /// As the artifact spells it.
  public var version: String
  /// E.g. `noarch`.
  public var subdir: String
  /// E.g. `a-1.0-0.conda`.
  public var fileName: String
  /// Of the whole file.
  public var sha256: Digest
  /// When it was last overwritten, else uploaded.
  public var timeModified: Date
  /// The package's summary.
  public var summary: String?
}

extension MetadataStore {
  /// The artifacts in a channel's index that were written last, the newest first, then by subdir and file name.
  public func recentArtifacts(channelID: Int64, limit: Int) async throws(MetadataError) -> [RecentArtifact] {
    try await read { db in
      var recent: [RecentArtifact] = []
      for state in try db.all("SELECT subdir FROM subdirState WHERE channelID = ?", [channelID]) {
        let subdir: String = try state.value("subdir")
        recent += try db.all(RecentArtifact.select, [channelID, subdir, limit]).map { row in
          RecentArtifact(
            packageName: try row.value("name"), version: try row.value("version"), subdir: subdir,
            fileName: try row.value("fileName"), sha256: try row.sha256("sha256"),
            timeModified: try row.time("timeModified"), summary: try row.value("summary"))
        }
      }
      recent.sort { one, other in
        one.timeModified == other.timeModified
          ? (one.subdir, one.fileName) < (other.subdir, other.fileName)
          : one.timeModified > other.timeModified
      }
      return Array(recent.prefix(limit))
    }
  }
}

extension RecentArtifact {
  static let select = """
    SELECT package.name, package.summary, version, fileName, sha256, timeModified
    FROM artifact JOIN package ON package.id = artifact.packageID
    WHERE artifact.channelID = ? AND artifact.subdir = ? AND artifact.placement <> 'removed'
    ORDER BY artifact.timeModified DESC, artifact.fileName LIMIT ?
    """
}
