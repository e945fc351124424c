public import Foundation
internal import GRDB

extension MetadataStore {
  /// Queues a job; if one of this name and deduplication key waits already, returns that one.
  @discardableResult
  public func enqueueJob(_ new: NewJob, now: Date) async throws(MetadataError) -> JobRow {
    try await write { db in try db.enqueue(new, limits: nil, now: now) }
  }

  /// Queues jobs, all of them or none; one whose name and deduplication key waits already is that one, and counts for
  /// nothing.
  ///
  /// - Throws: `.tooManyJobs` if there would be more than `limits` allow.
  public func enqueueJobs(
    _ new: [NewJob], limits: JobLimits?, now: Date
  ) async throws(MetadataError) -> [JobRow] {
    try await write { db in
      let rows = try new.map { try db.enqueue($0, limits: limits, now: now) }
      for owner in Set(new.compactMap(\.ownerID)) { try db.forgetEndedJobs(of: owner) }
      return rows
    }
  }

  /// Claims the job that has been due longest: one that waits, or one whose claim was lost because its lease
  /// ended. A job that somebody asked for gets a task, which tells how this attempt goes.
  ///
  /// - Parameters:
  ///   - names: Only jobs of these kinds; nil is all.
  ///   - lease: How long the claim holds, in seconds; then others may claim the job.
  public func claimJob(
    _ names: [String]? = nil, now: Date, lease: TimeInterval
  ) async throws(MetadataError) -> JobRow? {
    let wanted = names.map { names in "[" + names.map { "\"\($0)\"" }.joined(separator: ",") + "]" }
    return try await write { db in
      let row = try db.one(
        """
        UPDATE job SET state = 'running', attempts = attempts + 1, leaseUntil = :lease WHERE id = (
          SELECT id FROM job
          WHERE ((state = 'waiting' AND runAt <= :now) OR (state = 'running' AND leaseUntil <= :now))
            AND (:names IS NULL OR name IN (SELECT value FROM json_each(:names)))
          ORDER BY runAt, id LIMIT 1)
        RETURNING *
        """,
        [
          "now": now.milliseconds, "lease": now.addingTimeInterval(lease).milliseconds, "names": wanted,
        ])
      guard let job = try row.map(JobRow.init(row:)) else { return nil }
      try db.endTasks(jobID: job.id, as: "failed")
      if job.job.ownerID != nil {
        try db.run(
          "INSERT INTO task (jobID, status, createdAt) VALUES (?, 'running', ?)", [job.id, now.milliseconds])
        try db.forgetTasks(jobID: job.id)
      }
      return job
    }
  }

  /// Makes a claim hold longer; false if it was lost meanwhile.
  public func renewJob(_ job: JobRow, until time: Date) async throws(MetadataError) -> Bool {
    try await write { db in
      try db.run(
        "UPDATE job SET leaseUntil = ? WHERE id = ? AND state = 'running' AND attempts = ?",
        [time.milliseconds, job.id, job.attempts]) > 0
    }
  }

  /// Ends an attempt at a job; false, and nothing happens, if the claim was lost meanwhile.
  ///
  /// A job that repeats waits for its next time, however this attempt ended. A job to be tried again is dropped as
  /// succeeded if another one with its key waits: that one does its work.
  ///
  /// - Parameter startedAt: When the attempt began; a repetition counts from there.
  @discardableResult
  public func finishJob(
    _ job: JobRow, outcome: JobOutcome, startedAt: Date? = nil
  ) async throws(MetadataError) -> Bool {
    try await write { db in
      var (state, runAt, error) = outcome.columns(of: job)
      if state != .waiting, let seconds = job.job.repeatSeconds {
        state = .waiting
        runAt = (startedAt ?? job.job.runAt).addingTimeInterval(TimeInterval(seconds))
      }
      if state == .waiting, let key = job.job.deduplicationKey,
        try db.waitingJob(name: job.name, key: key) != nil
      {
        state = .succeeded
      }
      let isDone =
        try db.run(
          """
          UPDATE job SET
            state = ?, runAt = ?, lastError = ?, leaseUntil = NULL, failures = iif(? IS NULL, 0, failures + 1)
          WHERE id = ? AND state = 'running' AND attempts = ?
          """, [state.rawValue, runAt.milliseconds, error, error, job.id, job.attempts]) > 0
      if isDone { try db.endTasks(jobID: job.id, as: error == nil ? "success" : "failed") }
      return isDone
    }
  }

  /// The jobs in a state, oldest first.
  public func jobs(in state: JobState, limit: Int = 100) async throws(MetadataError) -> [JobRow] {
    try await read { db in
      try db.all("SELECT * FROM job WHERE state = ? ORDER BY id LIMIT ?", [state.rawValue, limit])
        .map(JobRow.init(row:))
    }
  }

  /// Lets jobs wait again that an earlier process had claimed and did not finish. Only for the one process that owns
  /// the database.
  public func releaseJobs() async throws(MetadataError) {
    try await write { db in
      // One whose twin waits has nothing left to do.
      try db.run("UPDATE OR IGNORE job SET state = 'waiting', leaseUntil = NULL WHERE state = 'running'")
      try db.run("UPDATE job SET state = 'succeeded', leaseUntil = NULL WHERE state = 'running'")
      try db.run("UPDATE task SET status = 'failed' WHERE status IN ('pending', 'running')")
    }
  }
}

extension JobOutcome {
  fileprivate func columns(of job: JobRow) -> (state: JobState, runAt: Date, error: String?) {
    switch self {
    case .succeeded: (.succeeded, job.job.runAt, nil)
    case .retry(let time, let error): (.waiting, time, error)
    case .failed(let error): (.failed, job.job.runAt, error)
    }
  }
}

extension Database {
  fileprivate func enqueue(_ new: NewJob, limits: JobLimits?, now: Date) throws -> JobRow {
    if let key = new.deduplicationKey, let waiting = try waitingJob(name: new.name, key: key) {
      return waiting
    }
    if let limits { try requireRoom(for: 1, owner: new.ownerID, channelID: new.channelID, limits) }
    let row = try one(
      """
      INSERT INTO job
        (name, payload, deduplicationKey, runAt, createdAt, ownerID, channelID, itemsSpec, startAt, repeatSeconds)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *
      """,
      [
        new.name, new.payload, new.deduplicationKey, new.runAt.milliseconds, now.milliseconds, new.ownerID,
        new.channelID, new.itemsSpec, new.startAt?.milliseconds, new.repeatSeconds,
      ])
    guard let row else { throw MetadataError(.unexpected, "the job is missing after it was queued") }
    return try JobRow(row: row)
  }

  fileprivate func waitingJob(name: String, key: String) throws -> JobRow? {
    try one(
      "SELECT * FROM job WHERE name = ? AND deduplicationKey = ? AND state = 'waiting'", [name, key]
    ).map(JobRow.init(row:))
  }

  /// Ends whatever task of a job has not ended.
  func endTasks(jobID: Int64, as status: String) throws {
    try run(
      "UPDATE task SET status = ? WHERE jobID = ? AND status IN ('created', 'pending', 'running')",
      [status, jobID])
  }
}
