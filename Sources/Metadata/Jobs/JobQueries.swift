public import Foundation
internal import GRDB

extension MetadataStore {
  /// Queues a job; if one of this name and deduplication key waits already, returns that one.
  public func enqueueJob(_ new: NewJob, now: Date) async throws(MetadataError) -> JobRow {
    try await write { db in
      if let key = new.deduplicationKey, let waiting = try db.waitingJob(name: new.name, key: key) {
        return waiting
      }
      let row = try db.one(
        """
        INSERT INTO job (name, payload, deduplicationKey, runAt, createdAt) VALUES (?, ?, ?, ?, ?) RETURNING *
        """,
        [new.name, new.payload, new.deduplicationKey, new.runAt.milliseconds, now.milliseconds])
      guard let row else { throw MetadataError(.unexpected, "the job is missing after it was queued") }
      return try JobRow(row: row)
    }
  }

  /// Claims the job that has been due longest: one that waits, or one whose claim was lost because its lease
  /// ended.
  ///
  /// - Parameter lease: How long the claim holds, in seconds; then others may claim the job.
  public func claimJob(now: Date, lease: TimeInterval) async throws(MetadataError) -> JobRow? {
    try await write { db in
      try db.one(
        """
        UPDATE job SET state = 'running', attempts = attempts + 1, leaseUntil = :lease WHERE id = (
          SELECT id FROM job
          WHERE (state = 'waiting' AND runAt <= :now) OR (state = 'running' AND leaseUntil <= :now)
          ORDER BY runAt, id LIMIT 1)
        RETURNING *
        """,
        [
          "now": now.milliseconds, "lease": now.addingTimeInterval(lease).milliseconds,
        ]
      ).map(JobRow.init(row:))
    }
  }

  /// Ends an attempt at a job; false, and nothing happens, if the claim was lost meanwhile.
  ///
  /// A job to be tried again is dropped as succeeded if another one with its key waits: that one does its
  /// work.
  @discardableResult
  public func finishJob(_ job: JobRow, outcome: JobOutcome) async throws(MetadataError) -> Bool {
    try await write { db in
      var (state, runAt, error) = outcome.columns(of: job)
      if state == .waiting, let key = job.deduplicationKey, try db.waitingJob(name: job.name, key: key) != nil
      {
        state = .succeeded
      }
      return try db.run(
        """
        UPDATE job SET state = ?, runAt = ?, lastError = ?, leaseUntil = NULL
        WHERE id = ? AND state = 'running' AND attempts = ?
        """, [state.rawValue, runAt.milliseconds, error, job.id, job.attempts]) > 0
    }
  }

  /// The jobs in a state, oldest first.
  public func jobs(in state: JobState, limit: Int = 100) async throws(MetadataError) -> [JobRow] {
    try await read { db in
      try db.all("SELECT * FROM job WHERE state = ? ORDER BY id LIMIT ?", [state.rawValue, limit])
        .map(JobRow.init(row:))
    }
  }
}

extension JobOutcome {
  fileprivate func columns(of job: JobRow) -> (state: JobState, runAt: Date, error: String?) {
    switch self {
    case .succeeded: (.succeeded, job.runAt, nil)
    case .retry(let time, let error): (.waiting, time, error)
    case .failed(let error): (.failed, job.runAt, error)
    }
  }
}

extension Database {
  fileprivate func waitingJob(name: String, key: String) throws -> JobRow? {
    try one(
      "SELECT * FROM job WHERE name = ? AND deduplicationKey = ? AND state = 'waiting'", [name, key]
    ).map(JobRow.init(row:))
  }
}
