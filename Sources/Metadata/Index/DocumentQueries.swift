public import CondaTypes
public import Foundation
internal import GRDB

extension MetadataStore {
  /// Makes a new set of documents current: readers get all of the old or all of the new.
  ///
  /// - Parameters:
  ///   - subdir: The subdir they show; nil for documents of the channel's root.
  ///   - removedPaths: Documents that are no longer served.
  ///   - basis: What the subdir's next documents can be put together from; nil leaves that as it is. Where that of a later
  ///     generation is there already, because somebody else was faster, nothing is made current.
  ///   - generation: The subdir's generation that they show, from `snapshotRecords`; an older one than that
  ///     of the documents already there does not turn it back.
  ///   - now: The modification time of documents whose bytes are new; the others keep theirs. What the rows
  ///     say about it is not looked at.
  /// - Returns: The digests of bytes that others took the place of.
  /// - Throws: `.notFound` if the channel is gone; `.constraint` if `generation` is yet to come.
  @discardableResult
  public func commitDocuments(
    channelID: Int64, subdir: String?, documents: [DocumentRow], removedPaths: [String] = [],
    basis: DocumentBasis? = nil, generation: Int64? = nil, now: Date
  ) async throws(MetadataError) -> [Digest] {
    try await write { db in
      _ = try db.requireChannel(id: channelID)
      if let subdir, let basis, try db.isOutrun(basis, channelID: channelID, subdir: subdir) { return [] }
      var replaced: [Digest] = []
      for document in documents {
        let old = try db.one(
          "SELECT sha256 FROM document WHERE channelID = ? AND path = ? AND sha256 <> ?",
          [document.channelID, document.path, document.sha256.stored])
        if let old { replaced.append(try old.sha256("sha256")) }
        try db.setDocument(document, now: now)
      }
      for path in removedPaths {
        try db.run("DELETE FROM document WHERE channelID = ? AND path = ?", [channelID, path])
      }
      if let subdir, let basis { try db.setBasis(basis, channelID: channelID, subdir: subdir) }
      if let subdir, let generation {
        try db.run(
          """
          UPDATE subdirState SET documentsGeneration = max(documentsGeneration, ?)
          WHERE channelID = ? AND subdir = ?
          """, [generation, channelID, subdir])
      }
      return replaced
    }
  }

  /// Whether a document, a shard or a retired shard has these bytes.
  public func isDocumentReferenced(_ digest: Digest) async throws(MetadataError) -> Bool {
    try await read { db in try db.isDocumentDigestReferenced(digest) }
  }

  /// The bytes that a document has now.
  public func document(channelID: Int64, path: String) async throws(MetadataError) -> DocumentRow? {
    try await read { db in
      try db.one("SELECT * FROM document WHERE channelID = ? AND path = ?", [channelID, path])
        .map(DocumentRow.init(row:))
    }
  }

  /// All documents of a channel, sorted by path.
  public func documents(channelID: Int64) async throws(MetadataError) -> [DocumentRow] {
    try await read { db in
      try db.all("SELECT * FROM document WHERE channelID = ? ORDER BY path", [channelID])
        .map(DocumentRow.init(row:))
    }
  }

  /// The shard indexes of all channels.
  public func shardIndexes() async throws(MetadataError) -> [DocumentRow] {
    try await read { db in
      try db.all(
        "SELECT * FROM document WHERE path GLOB '*/repodata_shards.msgpack.zst' ORDER BY channelID, path"
      ).map(DocumentRow.init(row:))
    }
  }

  /// A page of the digests that documents, shards and retired shards refer to, sorted, each once.
  ///
  /// - Parameter digest: Where the last page ended; nil for the first.
  public func allDocumentDigests(
    after digest: Digest? = nil, limit: Int = 10_000
  ) async throws(MetadataError) -> [Digest] {
    try await read { db in
      try db.all(
        """
        SELECT sha256 FROM document WHERE sha256 > :after
        UNION SELECT sha256 FROM shard WHERE sha256 > :after
        UNION SELECT sha256 FROM retiredShard WHERE sha256 > :after
        ORDER BY sha256 LIMIT :limit
        """, ["after": digest?.stored ?? Data(), "limit": limit]
      ).map { row in try row.sha256("sha256") }
    }
  }
}

extension Database {
  /// Whether the present documents show a later state: the names that changed up to there are forgotten already.
  fileprivate func isOutrun(_ basis: DocumentBasis, channelID: Int64, subdir: String) throws -> Bool {
    try one(
      "SELECT 1 FROM documentLayout WHERE channelID = ? AND subdir = ? AND generation > ?",
      [channelID, subdir, basis.generation]) != nil
  }

  /// Notes what the next documents can be made of, and that the present ones show all names up to a generation.
  fileprivate func setBasis(_ basis: DocumentBasis, channelID: Int64, subdir: String) throws {
    try run(
      "DELETE FROM staleName WHERE channelID = ? AND subdir = ? AND sequence <= ?",
      [channelID, subdir, basis.generation])
    guard let layout = basis.layout else { return try forgetLayout(channelID: channelID, subdir: subdir) }
    try run(
      """
      INSERT OR REPLACE INTO documentLayout (channelID, subdir, generation, layout) VALUES (?, ?, ?, ?)
      """, [channelID, subdir, basis.generation, Data(layout)])
  }

  /// Points a path at its bytes. The same bytes keep their time, so that clients' copies stay fresh.
  func setDocument(_ document: DocumentRow, now: Date) throws {
    try run(
      """
      INSERT INTO document (channelID, path, sha256, size, modifiedAt) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET sha256 = excluded.sha256, size = excluded.size,
        modifiedAt = iif(sha256 = excluded.sha256, modifiedAt, excluded.modifiedAt)
      """,
      [document.channelID, document.path, document.sha256.stored, document.size, now.milliseconds])
  }

  func isDocumentDigestReferenced(_ digest: Digest) throws -> Bool {
    try one(
      """
      SELECT 1 FROM document WHERE sha256 = :sha256
      UNION ALL SELECT 1 FROM shard WHERE sha256 = :sha256
      UNION ALL SELECT 1 FROM retiredShard WHERE sha256 = :sha256 LIMIT 1
      """, ["sha256": digest.stored]) != nil
  }
}
