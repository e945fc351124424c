import APITypes
import CondaTypes
import Foundation
import Hummingbird
import Metadata

/// `/api/jobs` and `/api/channels/{c}/actions` (quetz-api.md §1.8, §7).
struct JobController: Sendable {
  let services: Services

  /// Ten years, in seconds.
  static let longestRepetition: Int64 = 315_360_000

  func addRoutes(to router: Router<AppContext>) {
    router.put("api/channels/:channel/actions", use: act)
    router.get("api/jobs", use: list)
    router.post("api/jobs", use: create)
    router.get("api/jobs/:job", use: show)
    router.patch("api/jobs/:job", use: change)
    router.get("api/jobs/:job/tasks", use: tasks)
  }

  // MARK: - Asking for jobs

  private func act(_ request: Request, _ context: AppContext) async throws -> Response {
    var body = try await JSONBody(reading: request)
    let channel = try await services.channels.readable(
      context.pathParameter("channel"), by: context.principal)
    let action = body.requiredAction("action")
    let schedule = Self.schedule(&body)
    try body.validate()
    try action.requireAllowed(on: channel.mode, channel: channel.name)
    let user = try context.principal.requireSignedIn()
    if action.permission == .validatePackages {
      try services.authorizer.require(.validatePackages, for: context.principal)
    } else {
      try await services.authorizer.require(action.permission, on: channel, for: context.principal)
    }
    let job = try await services.jobs.request(action, on: channel, by: user, schedule)
    guard let job else { throw APIError(.internalError, "the job was not queued") }
    return try .json(JobBody(row: job))
  }

  private func create(_ request: Request, _ context: AppContext) async throws -> Response {
    var body = try await JSONBody(reading: request)
    let word = body.requiredString("manifest")
    let items = body.requiredString("items_spec")
    let schedule = Self.schedule(&body)
    let manifest = JobManifest(rawValue: word)
    if manifest == nil, body["manifest"]?.asString != nil {
      body.note("value_error", "manifest", "Value error, invalid function \(word): \(Self.reason(word))")
    }
    try body.validate()
    let user = try services.authorizer.require(.createJob, for: context.principal)
    guard let manifest else { throw APIError.notAllowed }
    let job = try await services.jobs.request(manifest, items: items, by: user, schedule)
    guard let job else { throw APIError(.internalError, "the job was not queued") }
    return try .json(JobBody(row: job), status: .created)
  }

  private static func reason(_ word: String) -> String {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count == 2 { return "plugin \(parts[0]) not installed" }
    return "no such built-in function, please provide plugin name"
  }

  private static func schedule(_ body: inout JSONBody) -> JobQueue.Schedule {
    let start = body.optionalTime("start_at")
    let seconds = body.optionalCount("repeat_every_seconds")
    if seconds == 0 {
      body.note("greater_than", "repeat_every_seconds", "Input should be greater than 0", context: ["gt": 0])
    }
    if let seconds, seconds > Self.longestRepetition {
      body.note(
        "less_than_equal", "repeat_every_seconds",
        "Input should be less than or equal to \(Self.longestRepetition)",
        context: ["le": .integer(Self.longestRepetition)])
    }
    return JobQueue.Schedule(startAt: start, repeatSeconds: seconds)
  }

  // MARK: - Looking after them

  private func list(_ request: Request, _ context: AppContext) async throws -> Response {
    var query = QueryParameters(request.uri.query)
    let statuses = query.choices("status", JobStatus.self) ?? [.pending, .running]
    let paging = Paging(&query)
    try query.validate()
    let user = try services.authorizer.require(.listJobs, for: context.principal)
    let seesAll = services.authorizer.allows(.listAllJobs, for: context.principal)
    let (rows, total) = try await services.metadata.requestedJobs(
      in: Set(statuses.compactMap(\.state)), owner: seesAll ? nil : user.owner.id, skip: paging.skip,
      limit: paging.rowLimit)
    return try .json(paging.page(of: rows.map(JobBody.init(row:)), total: total))
  }

  private func show(_ request: Request, _ context: AppContext) async throws -> Response {
    try .json(JobBody(row: try await job(context, .readJob)))
  }

  private func change(_ request: Request, _ context: AppContext) async throws -> Response {
    var body = try await JSONBody(reading: request)
    let status = body.optionalChoice("status", JobStatus.self)
    let isForced = body.bool("force", default: false)
    try body.validate()
    let job = try await job(context, .changeJob)
    guard let status else { return .null() }
    if job.state == .running || job.state == .waiting, status == .pending || status == .running, !isForced {
      return .null()  // it is under way already
    }
    if let state = status == .running ? .waiting : status.settableState {
      let limits = JobQueue.limits(for: try context.principal.requireSignedIn())
      _ = try await services.metadata.moveJob(id: job.id, to: state, limits: limits, now: services.now())
      services.jobs.poke()
    }
    return .null()
  }

  private func tasks(_ request: Request, _ context: AppContext) async throws -> Response {
    var query = QueryParameters(request.uri.query)
    let statuses = query.choices("status", TaskStatus.self) ?? [.created, .pending, .running]
    let paging = Paging(&query)
    try query.validate()
    let job = try await job(context, .readJob)
    let (rows, total) = try await services.metadata.tasks(
      jobID: job.id, in: Set(statuses.map(\.rawValue)), skip: paging.skip, limit: paging.rowLimit)
    let bodies = rows.map { row in
      TaskBody(id: row.id, jobID: row.jobID, created: Timestamp.naive(row.createdAt), status: row.status)
    }
    return try .json(paging.page(of: bodies, total: total))
  }

  /// The job of the path.
  ///
  /// - Throws: 422 for no number, 404, 401 `Not logged in`, 401 `Not allowed` for somebody else's.
  private func job(_ context: AppContext, _ action: Action) async throws -> JobRow {
    let text = try context.pathParameter("job")
    guard let id = Int64(text) else {
      throw APIError.validation([
        ValidationIssue(
          type: "int_parsing", location: ["path", "job_id"],
          message: "Input should be a valid integer, unable to parse string as an integer",
          input: .string(text))
      ])
    }
    guard let job = try await services.metadata.requestedJob(id: id) else {
      throw APIError(.jobNotFound, "Job with id \(id) not found")
    }
    let isOwn = job.job.ownerID == context.principal.user?.owner.id
    try services.authorizer.require(action, for: context.principal, isOwn: isOwn)
    return job
  }
}

/// Upstream's words for where a job is; `queued` and `timeout` never come up here.
enum JobStatus: String, CaseIterable, Sendable {
  case pending
  case queued
  case running
  case success
  case failed
  case timeout
  case cancelled

  init(_ state: JobState) {
    switch state {
    case .waiting: self = .pending
    case .running: self = .running
    case .succeeded: self = .success
    case .failed: self = .failed
    case .cancelled: self = .cancelled
    }
  }

  /// The state that jobs of this status are in; `nil` if none ever is.
  var state: JobState? {
    switch self {
    case .pending: .waiting
    case .running: .running
    case .success: .succeeded
    case .failed: .failed
    case .cancelled: .cancelled
    case .queued, .timeout: nil
    }
  }

  /// The state that somebody can put a job into by this word.
  var settableState: JobState? {
    switch self {
    case .queued: .waiting
    case .timeout: .failed
    default: state
    }
  }
}

/// Upstream's words for where a task is.
enum TaskStatus: String, CaseIterable, Sendable {
  case created
  case pending
  case running
  case success
  case failed
  case skipped
}

extension JobBody {
  init(row: JobRow) {
    self.init(
      id: row.id, ownerID: (row.job.ownerID?.uuidString ?? "").lowercased(),
      created: Timestamp.naive(row.createdAt), status: JobStatus(row.state).rawValue,
      itemsSpec: row.job.itemsSpec, manifest: row.name, startAt: row.job.startAt.map(Timestamp.naive),
      repeatEverySeconds: row.job.repeatSeconds)
  }
}
