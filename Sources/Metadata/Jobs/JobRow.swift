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
  /// Who asked for it; nil for the server's own jobs, which the API does not show.
  public var ownerID: UUID?
  /// The channel it is about; it goes with the channel.
  public var channelID: Int64?
  /// Which packages it is about, as asked for.
  public var itemsSpec: String?
  /// The first start, as asked for.
  public var startAt: Date?
  /// Seconds from one start to the next; nil runs once.
  public var repeatSeconds: Int64?

  /// All fields, in order.
  public init(
    name: String, payload: String = "{}", deduplicationKey: String? = nil, runAt: Date, ownerID: UUID? = nil,
    channelID: Int64? = nil, itemsSpec: String? = nil, startAt: Date? = nil, repeatSeconds: Int64? = nil
  ) {
    self.name = name
    self.payload = payload
    self.deduplicationKey = deduplicationKey
    self.runAt = runAt
    self.ownerID = ownerID
    self.channelID = channelID
    self.itemsSpec = itemsSpec
    self.startAt = startAt
    self.repeatSeconds = repeatSeconds
  }
}

/// A job in the queue.
public struct JobRow: Hashable, Sendable {
  /// Never used again.
  public var id: Int64
  /// What was queued; `runAt` is its next, or last, time.
  public var job: NewJob
  /// Where it is in its life.
  public var state: JobState
  /// How often it was claimed; names one claim, so that a claim that was lost cannot finish the job.
  public var attempts: Int64
  /// How often it failed since it last worked.
  public var failures: Int64
  /// Until when the present claim holds.
  public var leaseUntil: Date?
  /// Why the last attempt failed.
  public var lastError: String?
  /// When it was queued.
  public var createdAt: Date

  /// The kind of job; decides who runs it.
  public var name: String { job.name }
  /// JSON text: the job's value.
  public var payload: String { job.payload }

  /// All fields, in order.
  public init(
    id: Int64, job: NewJob, state: JobState, attempts: Int64, failures: Int64, leaseUntil: Date?,
    lastError: String?, createdAt: Date
  ) {
    self.id = id
    self.job = job
    self.state = state
    self.attempts = attempts
    self.failures = failures
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
  /// Called off by somebody.
  case cancelled
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
    let job = NewJob(
      name: try row.value("name"), payload: try row.value("payload"),
      deduplicationKey: try row.value("deduplicationKey"), runAt: try row.time("runAt"),
      ownerID: try row.value("ownerID"), channelID: try row.value("channelID"),
      itemsSpec: try row.value("itemsSpec"), startAt: try row.date("startAt"),
      repeatSeconds: try row.value("repeatSeconds"))
    self.init(
      id: try row.value("id"), job: job, state: JobState(rawValue: state) ?? .failed,
      attempts: try row.value("attempts"), failures: try row.value("failures"),
      leaseUntil: try row.date("leaseUntil"), lastError: try row.value("lastError"),
      createdAt: try row.time("createdAt"))
  }
}
