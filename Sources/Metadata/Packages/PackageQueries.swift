public import Foundation
internal import GRDB

extension MetadataStore {
  /// The package with this name.
  public func package(channelID: Int64, named name: String) async throws(MetadataError) -> PackageRow? {
    try await read { db in try db.package(channelID: channelID, name: name) }
  }

  /// A page of a channel's packages, and how many there are in all.
  ///
  /// - Parameters:
  ///   - text: Part of the name, in any case, taken literally; nil is all.
  ///   - order: What to order by, most important first; the name decides last.
  ///   - limit: At most so many; nil is all.
  public func packages(
    channelID: Int64, matching text: String? = nil, orderBy order: [PackageOrder] = [], skip: Int = 0,
    limit: Int? = nil
  ) async throws(MetadataError) -> (rows: [PackageRow], total: Int) {
    let condition = "channelID = :channelID AND (:pattern IS NULL OR name LIKE :pattern ESCAPE '\\')"
    let filter: StatementArguments = ["channelID": channelID, "pattern": text.map(likePattern(containing:))]
    let page = filter &+ ["limit": limit ?? -1, "skip": skip]
    let terms = (order.map(\.term) + ["name"]).joined(separator: ", ")
    return try await read { db in
      let total = try Int.fetchOne(
        db, sql: "SELECT count(*) FROM package WHERE \(condition)", arguments: filter)
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT \(PackageRow.columns) FROM package WHERE \(condition)
          ORDER BY \(terms) LIMIT :limit OFFSET :skip
          """, arguments: page)
      return (try rows.map(PackageRow.init(row:)), total ?? 0)
    }
  }

  /// Makes a package without artifacts.
  ///
  /// - Parameter owner: Becomes the package's owner, if given.
  /// - Throws: `.conflict` if the channel has a package of this name; `.notFound` if there is no such
  ///   channel.
  public func createPackage(
    channelID: Int64, name: String, summary: String?, description: String?, owner: UUID?, now: Date
  ) async throws(MetadataError) -> PackageRow {
    try await write { db in
      _ = try db.requireChannel(id: channelID)
      let id = try db.insertPackage(
        channelID: channelID, name: name, summary: summary, description: description, owner: owner, now: now)
      try db.appendAudit(
        AuditEntry(time: now, actorID: owner, action: "package.create", channelID: channelID, subject: name))
      return try db.requirePackage(id: id)
    }
  }

  /// Deletes a package with its artifacts and members, and marks every subdir it was in.
  ///
  /// - Parameter keepingDeleted: Keep what its artifacts were, and their bytes, for the retention time
  ///   (`deletedArtifact`).
  /// - Throws: `.notFound` if there is no such package.
  public func deletePackage(
    id: Int64, keepingDeleted: Bool = false, actor: UUID? = nil, now: Date
  ) async throws(MetadataError) {
    try await write(isLarge: true) { db in
      let package = try db.requirePackage(id: id)
      if keepingDeleted { try db.keepDeleted(.package(id: id), now: now) }
      let subdirs = try db.all("SELECT DISTINCT subdir FROM artifact WHERE packageID = ?", [id])
      for row in subdirs {
        try db.markStale(channelID: package.channelID, subdir: row.value("subdir"), packageName: package.name)
      }
      try db.run(
        "UPDATE blob SET touchedAt = ? WHERE sha256 IN (SELECT sha256 FROM artifact WHERE packageID = ?)",
        [now.milliseconds, id])
      try db.run(
        """
        UPDATE channel SET size = size - (SELECT coalesce(sum(size), 0) FROM artifact WHERE packageID = ?)
        WHERE id = ?
        """, [id, package.channelID])
      try db.remember(.package(id: id))
      try db.run("DELETE FROM package WHERE id = ?", [id])
      try db.appendAudit(
        AuditEntry(
          time: now, actorID: actor, action: "package.delete", channelID: package.channelID,
          subject: package.name))
    }
  }

  /// The packages of a channel with their entries in channeldata.json (JSON text; nil without artifacts), by
  /// name.
  public func packagesForChannelData(
    channelID: Int64
  ) async throws(MetadataError) -> [(name: String, channelData: String?)] {
    try await read { db in
      try db.all("SELECT name, channelData FROM package WHERE channelID = ? ORDER BY name", [channelID])
        .map { row in (try row.value("name"), try row.value("channelData")) }
    }
  }

  /// Visits the same, one after the other, on the calling thread. Blocks; memory does not grow with their number.
  public func visitPackagesForChannelData(
    channelID: Int64, visit: (_ name: String, _ channelData: String?) throws -> Void
  ) throws(MetadataError) {
    try readNow { db in
      let statement = try db.cachedStatement(
        sql: "SELECT name, channelData FROM package WHERE channelID = ? ORDER BY name")
      let rows = try Row.fetchCursor(statement, arguments: [channelID])
      while let row = try rows.next() { try visit(try row.decode(atIndex: 0), try row.decode(atIndex: 1)) }
    }
  }
}

extension PackageOrder {
  /// The order as SQL. SQLite puts NULL before every value.
  fileprivate var term: String {
    let column =
      switch field {
      case .name: "name"
      case .latestChange: "latestChange"
      case .currentVersion: "currentVersionKey"
      }
    return "\(column) \(isAscending ? "ASC" : "DESC")"
  }
}

extension Database {
  func package(channelID: Int64, name: String) throws -> PackageRow? {
    try one(
      "SELECT \(PackageRow.columns) FROM package WHERE channelID = ? AND name = ?", [channelID, name],
      as: PackageRow.init(row:))
  }

  func requirePackage(id: Int64) throws -> PackageRow {
    guard let row = try one("SELECT \(PackageRow.columns) FROM package WHERE id = ?", [id]) else {
      throw MetadataError(.notFound, "package not found")
    }
    return try PackageRow(row: row)
  }

  func insertPackage(
    channelID: Int64, name: String, summary: String?, description: String?, owner: UUID?, now: Date
  ) throws -> Int64 {
    try run(
      "INSERT INTO package (channelID, name, summary, description, createdAt) VALUES (?, ?, ?, ?, ?)",
      [channelID, name, summary, description, now.milliseconds])
    let id = lastInsertedRowID
    if let owner { try addPackageMember(packageID: id, userID: owner, role: .owner) }
    return id
  }
}
