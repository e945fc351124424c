import Foundation
internal import GRDB

/// What a subdir's next documents can be put together from.
public struct DocumentBasis: Hashable, Sendable {
  /// The subdir's generation that its present documents show.
  public var generation: Int64
  /// How those are cut into pieces; opaque here. `nil` where they are not.
  public var layout: [UInt8]?

  /// All fields, in order.
  public init(generation: Int64, layout: [UInt8]?) {
    self.generation = generation
    self.layout = layout
  }
}

extension MetadataStore {
  /// The subdirs whose documents are put together from pieces.
  public func subdirsWithLayouts() async throws(MetadataError) -> [(channelID: Int64, subdir: String)] {
    try await read { db in
      try db.all("SELECT channelID, subdir FROM documentLayout").map { row in
        (try row.value("channelID"), try row.value("subdir"))
      }
    }
  }

  /// The generation that a subdir's present documents show; nil where they are not put together from pieces.
  public func layoutGeneration(channelID: Int64, subdir: String) async throws(MetadataError) -> Int64? {
    try await read { db in
      try db.one(
        "SELECT generation FROM documentLayout WHERE channelID = ? AND subdir = ?", [channelID, subdir]
      ).map { row in try row.value("generation") }
    }
  }
}

extension SubdirSnapshot {
  /// How the present documents are cut into pieces, as `commitDocuments` was told.
  public func layout() throws -> [UInt8]? {
    try database.one(
      "SELECT layout FROM documentLayout WHERE channelID = ? AND subdir = ?", [channelID, subdir]
    ).map { row in
      let layout: Data = try row.value("layout")
      return [UInt8](layout)
    }
  }

  /// The packages that changed since the present documents were made, by name; `nil` if there are more than `limit`.
  public func changedNames(limit: Int) throws -> [String]? {
    let names: [String] = try database.all(
      """
      SELECT packageName FROM staleName WHERE channelID = ? AND subdir = ? ORDER BY packageName LIMIT ?
      """, [channelID, subdir, limit + 1]
    ).map { row in try row.value("packageName") }
    return names.count > limit ? nil : names
  }

  /// Whether there are so many artifacts, in the index or not, without counting further.
  public func hasArtifacts(atLeast count: Int) throws -> Bool {
    let row = try database.one(
      """
      SELECT count(*) AS count FROM (SELECT 1 FROM artifact WHERE channelID = ? AND subdir = ? LIMIT ?)
      """, [channelID, subdir, count])
    return try row?.value("count") ?? 0 >= count
  }
}
