public import Foundation
internal import GRDB

/// A job about to be queued.
public struct NewJob: Hashable, Sendable {
  /// The kind of job; decides who runs it.
  public var name: String
  /// JSON text: the job's value.
  public var payload: String
  /// While a job with this key waits, another one is not queued.
  public var deduplicationKey: String?
  /// Not before this time.
  public var runAt: Date

  /// All fields, in order.
  public init(name: String, payload: String = "{}", deduplicationKey: String? = nil, runAt: Date) {
    self.name = name
    self.payload = payload
    self.deduplicationKey = deduplicationKey
    self.runAt = runAt
  }
}

/// A job in the queue.
public struct JobRow: Hashable, Sendable {
  /// Never used again.
  public var id: Int64
  /// The kind of job.
  public var name: String
  /// JSON text: the job's value.
  public var payload: String
  /// While a job with this key waits, another one is not queued.
  public var deduplicationKey: String?
  /// Where it is in its life.
  public var state: JobState
  /// Not before this time.
  public var runAt: Date
  /// How often it was claimed; names one claim, so that a claim that was lost cannot finish the job.
  public var attempts: Int64
  /// Until when the present claim holds.
  public var leaseUntil: Date?
  /// Why the last attempt failed.
  public var lastError: String?
  /// When it was queued.
  public var createdAt: Date

  /// All fields, in order.
  public init(
    id: Int64, name: String, payload: String, deduplicationKey: String?, state: JobState, runAt: Date,
    attempts: Int64, leaseUntil: Date?, lastError: String?, createdAt: Date
  ) {
    self.id = id
    self.name = name
    self.payload = payload
    self.deduplicationKey = deduplicationKey
    self.state = state
    self.runAt = runAt
    self.attempts = attempts
    self.leaseUntil = leaseUntil
    self.lastError = lastError
    self.createdAt = createdAt
  }
}

/// Where a job is in its life.
public enum JobState: String, CaseIterable, Sendable {
  /// Waits for its time and a runner.
  case waiting
  /// Claimed by a runner, until its lease ends.
  case running
  /// Finished.
  case succeeded
  /// Given up.
  case failed
}

/// How an attempt at a job ended.
public enum JobOutcome: Hashable, Sendable {
  /// Done.
  case succeeded
  /// To be tried again, not before a time.
  case retry(at: Date, error: String)
  /// Given up.
  case failed(error: String)
}

extension JobRow {
  init(row: Row) throws {
    let state: String = try row.value("state")
    self.init(
      id: try row.value("id"), name: try row.value("name"), payload: try row.value("payload"),
      deduplicationKey: try row.value("deduplicationKey"), state: JobState(rawValue: state) ?? .failed,
      runAt: try row.time("runAt"), attempts: try row.value("attempts"),
      leaseUntil: try row.date("leaseUntil"),
      lastError: try row.value("lastError"), createdAt: try row.time("createdAt"))
  }
}
