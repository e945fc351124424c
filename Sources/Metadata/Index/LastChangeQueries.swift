public import Foundation
internal import GRDB

extension MetadataStore {
  /// When the subdir's artifacts changed last, as far as its present rows tell; nil for an empty one.
  public func lastChange(channelID: Int64, subdir: String) async throws(MetadataError) -> Date? {
    try await read { db in try db.lastChange(channelID: channelID, subdir: subdir) }
  }
}

extension Database {
  func lastChange(channelID: Int64, subdir: String) throws -> Date? {
    try one(
      """
      SELECT timeModified FROM artifact WHERE channelID = ? AND subdir = ?
      ORDER BY timeModified DESC LIMIT 1
      """, [channelID, subdir]
    ).map { row in try row.time("timeModified") }
  }
}
