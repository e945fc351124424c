internal import GRDB

extension MetadataStore {
  /// The subdirs of a channel that have, or ever had, artifacts, and `noarch`; sorted.
  public func subdirs(channelID: Int64) async throws(MetadataError) -> [String] {
    try await read { db in
      let known: [String] = try db.all("SELECT subdir FROM subdirState WHERE channelID = ?", [channelID])
        .map { row in try row.value("subdir") }
      return Set(known).union(["noarch"]).sorted()
    }
  }

  /// The state of a subdir, if it is known.
  public func subdirState(channelID: Int64, subdir: String) async throws(MetadataError) -> SubdirState? {
    try await read { db in
      try db.one("SELECT * FROM subdirState WHERE channelID = ? AND subdir = ?", [channelID, subdir])
        .map(SubdirState.init(row:))
    }
  }

  /// The states of a channel's subdirs, by name.
  public func subdirStates(channelID: Int64) async throws(MetadataError) -> [SubdirState] {
    try await read { db in
      try db.all("SELECT * FROM subdirState WHERE channelID = ? ORDER BY subdir", [channelID])
        .map(SubdirState.init(row:))
    }
  }

  /// The subdirs whose documents are behind.
  public func staleSubdirs() async throws(MetadataError) -> [SubdirState] {
    try await read { db in
      try db.all(SubdirState.selectStale).map(SubdirState.init(row:))
    }
  }

  /// Makes a subdir known, and behind, so that it gets its (empty) documents; nothing if it is known.
  public func ensureSubdir(channelID: Int64, subdir: String) async throws(MetadataError) {
    try await write { db in
      _ = try db.requireChannel(id: channelID)
      try db.ensureSubdir(channelID: channelID, subdir: subdir)
    }
  }

  /// Marks a subdir and every shard in it as behind although no artifact changed, to have all of it made
  /// again.
  ///
  /// - Throws: `.notFound` if there is no such channel.
  public func markAllStale(channelID: Int64, subdir: String) async throws(MetadataError) {
    try await write(isLarge: true) { db in
      _ = try db.requireChannel(id: channelID)
      let generation = try db.nextGeneration(channelID: channelID, subdir: subdir)
      try db.forgetLayout(channelID: channelID, subdir: subdir)
      try db.run(
        """
        INSERT INTO staleShard (channelID, subdir, packageName, sequence)
        SELECT :channelID, :subdir, name, :generation FROM (
          SELECT package.name AS name FROM artifact JOIN package ON package.id = artifact.packageID
          WHERE artifact.channelID = :channelID AND artifact.subdir = :subdir
          UNION SELECT packageName FROM shard WHERE channelID = :channelID AND subdir = :subdir)
        WHERE true ON CONFLICT DO UPDATE SET sequence = excluded.sequence
        """, ["channelID": channelID, "subdir": subdir, "generation": generation])
    }
  }
}

extension SubdirState {
  static let selectStale = """
    SELECT * FROM subdirState WHERE documentsGeneration < generation ORDER BY channelID, subdir
    """
}

extension Database {
  func ensureSubdir(channelID: Int64, subdir: String) throws {
    try run(
      """
      INSERT INTO subdirState (channelID, subdir, generation) VALUES (?, ?, 1) ON CONFLICT DO NOTHING
      """, [channelID, subdir])
  }

  /// Moves a subdir to its next generation, and says which that is.
  func nextGeneration(channelID: Int64, subdir: String) throws -> Int64 {
    let row = try one(
      """
      INSERT INTO subdirState (channelID, subdir, generation) VALUES (?, ?, 1)
      ON CONFLICT DO UPDATE SET generation = generation + 1
      RETURNING generation
      """, [channelID, subdir])
    guard let row else { throw MetadataError(.unexpected, "the subdir's generation is missing") }
    return try row.decode(atIndex: 0)
  }

  /// Forgets what a subdir's large documents are put together from: the next ones are made from all rows.
  func forgetLayout(channelID: Int64, subdir: String) throws {
    try run("DELETE FROM documentLayout WHERE channelID = ? AND subdir = ?", [channelID, subdir])
  }

  /// Notes that a package's artifacts in a subdir changed: its shard, and the subdir's documents, are behind.
  ///
  /// The mark carries the subdir's new generation. Generations never repeat, so a builder that read an older
  /// mark cannot clear this one.
  func markStale(channelID: Int64, subdir: String, packageName: String) throws {
    let generation = try nextGeneration(channelID: channelID, subdir: subdir)
    for table in ["staleShard", "staleName"] {
      try run(
        """
        INSERT INTO \(table) (channelID, subdir, packageName, sequence) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET sequence = excluded.sequence
        """, [channelID, subdir, packageName, generation])
    }
  }
}
