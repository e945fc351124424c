public import CondaTypes
public import Foundation
internal import GRDB

extension MetadataStore {
  /// Whether a blob is known, referred to or not.
  public func blobExists(sha256: Digest) async throws(MetadataError) -> Bool {
    try await read { db in
      try db.one("SELECT 1 FROM blob WHERE sha256 = ?", [sha256.stored]) != nil
    }
  }

  /// How many package blobs there are, referred to or not, and how many bytes they have together.
  public func blobTotals() async throws(MetadataError) -> (count: Int, bytes: Int64) {
    try await read { db in
      guard let row = try db.one("SELECT count(*) AS count, coalesce(sum(size), 0) AS bytes FROM blob") else {
        return (0, 0)
      }
      return (try row.value("count"), try row.value("bytes"))
    }
  }

  /// A page of the package blobs, sorted by digest.
  ///
  /// - Parameter digest: Where the last page ended; nil for the first.
  public func blobs(
    after digest: Digest? = nil, limit: Int = 1000
  ) async throws(MetadataError) -> [(sha256: Digest, size: Int64)] {
    try await read { db in
      try db.all(
        "SELECT sha256, size FROM blob WHERE sha256 > ? ORDER BY sha256 LIMIT ?",
        [digest?.stored ?? Data(), limit]
      ).map { row in (sha256: try row.sha256("sha256"), size: try row.value("size")) }
    }
  }

  /// Blobs that no artifact refers to, not even one that was deleted and may be restored, and that none began or ceased
  /// to refer to since a time.
  public func unreferencedBlobs(olderThan time: Date, limit: Int) async throws(MetadataError) -> [Digest] {
    try await read { db in
      try db.all(
        """
        SELECT sha256 FROM blob WHERE touchedAt < ?
          AND \(Digest.isUnreferenced)
        ORDER BY sha256 LIMIT ?
        """, [time.milliseconds, limit]
      ).map { row in try row.sha256("sha256") }
    }
  }

  /// Forgets a blob if still no artifact refers to it; says whether it did, i.e. whether its bytes may be
  /// deleted.
  public func forgetBlob(_ sha256: Digest) async throws(MetadataError) -> Bool {
    try await write { db in
      try db.run(
        """
        DELETE FROM blob WHERE sha256 = ?
          AND \(Digest.isUnreferenced)
        """, [sha256.stored]) > 0
    }
  }
}

extension Digest {
  /// Whether nothing refers to `blob`.
  fileprivate static let isUnreferenced = """
    NOT EXISTS (SELECT 1 FROM artifact WHERE artifact.sha256 = blob.sha256)
      AND NOT EXISTS (SELECT 1 FROM deletedArtifact WHERE deletedArtifact.sha256 = blob.sha256)
    """
}

extension Database {
  /// Notes that something began or ceased to refer to a blob.
  func touchBlob(_ sha256: Digest, now: Date) throws {
    try run(
      "UPDATE blob SET touchedAt = max(touchedAt, ?) WHERE sha256 = ?", [now.milliseconds, sha256.stored])
  }
}
