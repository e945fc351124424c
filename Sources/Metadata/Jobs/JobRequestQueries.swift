public import Foundation
internal import GRDB

/// One attempt at a job that somebody asked for.
public struct TaskRow: Hashable, Sendable {
  /// Never used again.
  public var id: Int64
  /// Its job.
  public var jobID: Int64
  /// `created`, `pending`, `running`, `success`, `failed` or `skipped`.
  public var status: String
  /// When the attempt began.
  public var createdAt: Date

  /// All fields, in order.
  public init(id: Int64, jobID: Int64, status: String, createdAt: Date) {
    self.id = id
    self.jobID = jobID
    self.status = status
    self.createdAt = createdAt
  }
}

extension MetadataStore {
  /// A job that somebody asked for.
  public func requestedJob(id: Int64) async throws(MetadataError) -> JobRow? {
    try await read { db in
      try db.one("SELECT * FROM job WHERE id = ? AND ownerID IS NOT NULL", [id]).map(JobRow.init(row:))
    }
  }

  /// A page of the jobs that somebody asked for, by ID, and how many there are in all.
  ///
  /// - Parameters:
  ///   - states: Only jobs in one of these.
  ///   - owner: Only jobs of this user; nil is everybody's.
  ///   - limit: At most so many; nil is all.
  public func requestedJobs(
    in states: Set<JobState>, owner: UUID?, skip: Int, limit: Int?
  ) async throws(MetadataError) -> (rows: [JobRow], total: Int) {
    let list = states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
    let condition =
      "state IN (\(list)) AND ownerID IS NOT NULL AND (:owner IS NULL OR ownerID = :owner)"
    let filter: StatementArguments = ["owner": owner]
    let page = filter &+ ["limit": limit ?? -1, "skip": skip]
    return try await read { db in
      let total = try Int.fetchOne(db, sql: "SELECT count(*) FROM job WHERE \(condition)", arguments: filter)
      let rows = try Row.fetchAll(
        db, sql: "SELECT * FROM job WHERE \(condition) ORDER BY id LIMIT :limit OFFSET :skip", arguments: page
      )
      return (try rows.map(JobRow.init(row:)), total ?? 0)
    }
  }

  /// A page of a job's tasks, oldest first, and how many there are in all.
  ///
  /// - Parameter statuses: Only tasks in one of these (words of `TaskRow.status`, and nothing else).
  public func tasks(
    jobID: Int64, in statuses: Set<String>, skip: Int, limit: Int?
  ) async throws(MetadataError) -> (rows: [TaskRow], total: Int) {
    let list = "[" + statuses.map { "\"\($0)\"" }.sorted().joined(separator: ",") + "]"
    let filter: StatementArguments = ["jobID": jobID, "statuses": list]
    let page = filter &+ ["limit": limit ?? -1, "skip": skip]
    let condition = "jobID = :jobID AND status IN (SELECT value FROM json_each(:statuses))"
    return try await read { db in
      let total = try db.one("SELECT count(*) AS total FROM task WHERE \(condition)", filter)
      let rows = try db.all(
        "SELECT * FROM task WHERE \(condition) ORDER BY id LIMIT :limit OFFSET :skip", page
      )
      .map { row in
        TaskRow(
          id: try row.value("id"), jobID: try row.value("jobID"), status: try row.value("status"),
          createdAt: try row.time("createdAt"))
      }
      return (rows, try total?.value("total") ?? 0)
    }
  }

  /// Moves a job into a state by hand. The claim of a runner that has it is lost; one that waits again is due now, and one
  /// that is called off is over now, whenever it was to run.
  ///
  /// - Parameter limits: How many jobs may wait or run, this one among them; nil is any number.
  /// - Returns: False if a job of its kind and key waits already, which does its work: then nothing changes.
  /// - Throws: `.tooManyJobs` if an ended job is to wait again and there is no room for it.
  public func moveJob(
    id: Int64, to state: JobState, limits: JobLimits? = nil, now: Date
  ) async throws(MetadataError) -> Bool {
    do {
      return try await write { db in
        if state == .waiting, let limits, let job = try db.endedJob(id: id) {
          try db.requireRoom(for: 1, owner: job.job.ownerID, channelID: job.job.channelID, limits)
        }
        try db.endTasks(jobID: id, as: "skipped")
        return try db.run(
          """
          UPDATE job SET
            state = :state, leaseUntil = NULL, failures = 0, attempts = attempts + 1,
            runAt = iif(:state = 'waiting', :now, min(runAt, :now))
          WHERE id = :id
          """, ["state": state.rawValue, "now": now.milliseconds, "id": id]) > 0
      }
    } catch {
      if case .conflict = error.kind { return false }
      throw error
    }
  }
}

extension Database {
  fileprivate func endedJob(id: Int64) throws -> JobRow? {
    try one("SELECT * FROM job WHERE id = ? AND state NOT IN ('waiting', 'running')", [id]).map(
      JobRow.init(row:))
  }
}
