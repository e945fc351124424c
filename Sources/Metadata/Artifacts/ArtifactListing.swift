public import CondaTypes
public import Foundation
internal import GRDB

/// One line of a subdir's page.
public struct ListedArtifact: Hashable, Sendable {
  /// E.g. `a-1.0-0.conda`.
  public var fileName: String
  /// In bytes.
  public var size: Int64
  /// When it was last written.
  public var timeModified: Date
  /// Of the whole file.
  public var sha256: Digest
  /// Of the whole file.
  public var md5: Digest
  /// Whether its record is in the index.
  public var isIndexed: Bool
  /// Why it was yanked; nil if it was not.
  public var yankReason: String?

  /// All fields, in order.
  public init(
    fileName: String, size: Int64, timeModified: Date, sha256: Digest, md5: Digest, isIndexed: Bool = true,
    yankReason: String? = nil
  ) {
    self.fileName = fileName
    self.size = size
    self.timeModified = timeModified
    self.sha256 = sha256
    self.md5 = md5
    self.isIndexed = isIndexed
    self.yankReason = yankReason
  }
}

/// The newest artifacts of a subdir.
public struct ArtifactListing: Hashable, Sendable {
  /// Sorted by file name (bytes).
  public var artifacts: [ListedArtifact]
  /// How many the subdir has in all.
  public var total: Int

  /// All fields, in order.
  public init(artifacts: [ListedArtifact], total: Int) {
    self.artifacts = artifacts
    self.total = total
  }
}

extension MetadataStore {
  /// The `limit` artifacts of a subdir that were written last, sorted by file name, and how many there are in
  /// all.
  public func listing(
    channelID: Int64, subdir: String, limit: Int
  ) async throws(MetadataError) -> ArtifactListing {
    try await read { db in
      let total = try db.one(
        "SELECT count(*) AS total FROM artifact WHERE channelID = ? AND subdir = ?", [channelID, subdir])
      let artifacts = try db.all(ArtifactListing.select, [channelID, subdir, limit]).map { row in
        ListedArtifact(
          fileName: try row.value("fileName"), size: try row.value("size"),
          timeModified: try row.time("timeModified"), sha256: try row.sha256("sha256"),
          md5: try row.md5("md5"), isIndexed: try row.value("isIndexed"),
          yankReason: try row.value("yankReason"))
      }
      return ArtifactListing(
        artifacts: artifacts.sorted { $0.fileName.utf8.lexicographicallyPrecedes($1.fileName.utf8) },
        total: try total?.value("total") ?? 0)
    }
  }
}

extension ArtifactListing {
  static let select = """
    SELECT fileName, size, timeModified, sha256, md5, placement <> 'removed' AS isIndexed,
      (SELECT reason FROM yank WHERE artifactKey = artifact.key) AS yankReason
    FROM artifact WHERE channelID = ? AND subdir = ?
    ORDER BY timeModified DESC, key DESC LIMIT ?
    """
}
