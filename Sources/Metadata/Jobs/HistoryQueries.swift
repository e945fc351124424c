public import Foundation
internal import GRDB

extension MetadataStore {
  /// Forgets jobs that ended, and what their attempts were, if they were due before a time; and older attempts of jobs that
  /// still repeat.
  ///
  /// - Returns: How many jobs.
  @discardableResult
  public func purgeFinishedJobs(before time: Date) async throws(MetadataError) -> Int {
    try await write(isLarge: true) { db in
      try db.run(Purge.tasks, [time.milliseconds])
      return try db.run(Purge.jobs, [time.milliseconds])
    }
  }

  /// Forgets how many downloads fell into which hour before a time, a few thousand counts at once so that nobody waits
  /// long. Days, months and years stay.
  ///
  /// - Returns: How many hours of artifacts.
  @discardableResult
  public func purgeHourlyDownloads(before time: Date) async throws(MetadataError) -> Int {
    var total = 0
    while true {
      let count = try await write(isLarge: true) { db in try db.run(Purge.hours, [time.milliseconds]) }
      total += count
      if count == 0 { return total }
    }
  }
}

/// What is forgotten, in SQL.
enum Purge {
  static let jobs = "DELETE FROM job WHERE state IN ('succeeded', 'failed', 'cancelled') AND runAt < ?"

  static let tasks = """
    DELETE FROM task WHERE jobID IN (SELECT id FROM job WHERE repeatSeconds IS NOT NULL)
      AND status IN ('success', 'failed', 'skipped') AND createdAt < ?
    """

  static let hours = """
    DELETE FROM downloadBucket WHERE (artifactKey, period, bucket) IN (
      SELECT artifactKey, period, bucket FROM downloadBucket
      WHERE channelID IN (SELECT id FROM channel) AND period = 'H' AND bucket < ? LIMIT 4000)
    """
}
