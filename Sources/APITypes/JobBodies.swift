/// A job: upstream's `Job`, eight fields exactly.
public struct JobBody: Codable, Sendable, Hashable {
  /// Grows with every job.
  public var id: Int64
  /// The UUID of who asked for it, lower case with dashes.
  public var ownerID: String
  /// When it was asked for, ISO 8601 without zone (UTC).
  public var created: String
  /// `"pending"`, `"running"`, `"success"`, `"failed"` or `"cancelled"`.
  public var status: String
  /// Which packages it is about; `null` for an action on a channel.
  public var itemsSpec: String?
  /// What it does.
  public var manifest: String
  /// The first start, ISO 8601 without zone (UTC); `null` for at once.
  public var startAt: String?
  /// Seconds from one start to the next; `null` for once.
  public var repeatEverySeconds: Int64?

  /// Makes the body from its eight fields.
  public init(
    id: Int64, ownerID: String, created: String, status: String, itemsSpec: String?, manifest: String,
    startAt: String?, repeatEverySeconds: Int64?
  ) {
    self.id = id
    self.ownerID = ownerID
    self.created = created
    self.status = status
    self.itemsSpec = itemsSpec
    self.manifest = manifest
    self.startAt = startAt
    self.repeatEverySeconds = repeatEverySeconds
  }

  enum CodingKeys: String, CodingKey {
    case id, created, status, manifest
    case ownerID = "owner_id"
    case itemsSpec = "items_spec"
    case startAt = "start_at"
    case repeatEverySeconds = "repeat_every_seconds"
  }

  /// Encodes every field, `null` where there is no value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(ownerID, forKey: .ownerID)
    try container.encode(created, forKey: .created)
    try container.encode(status, forKey: .status)
    try container.encode(itemsSpec, forKey: .itemsSpec)
    try container.encode(manifest, forKey: .manifest)
    try container.encode(startAt, forKey: .startAt)
    try container.encode(repeatEverySeconds, forKey: .repeatEverySeconds)
  }
}

/// One attempt at a job: upstream's `Task`.
public struct TaskBody: Codable, Sendable, Hashable {
  /// Grows with every task.
  public var id: Int64
  /// The job's.
  public var jobID: Int64
  /// Upstream's artifact that the task is about; ours are about a channel, so it is `{}`.
  public var packageVersion: [String: String]
  /// When it began, ISO 8601 without zone (UTC).
  public var created: String
  /// `"running"`, `"success"`, `"failed"` or `"skipped"`.
  public var status: String

  /// Makes the body of a task without an artifact.
  public init(id: Int64, jobID: Int64, created: String, status: String) {
    self.id = id
    self.jobID = jobID
    self.packageVersion = [:]
    self.created = created
    self.status = status
  }

  enum CodingKeys: String, CodingKey {
    case id, created, status
    case jobID = "job_id"
    case packageVersion = "package_version"
  }
}
