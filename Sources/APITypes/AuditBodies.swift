public import CondaTypes

/// A line of the audit log, in `GET /api/audit`.
public struct AuditEntryBody: Codable, Sendable, Hashable {
  /// Grows with time.
  public var id: Int64
  /// When, ISO 8601 without zone (UTC).
  public var time: String
  /// What, e.g. `member.set`.
  public var action: String
  /// The name of who did it; `null` for the server itself.
  public var actor: String?
  /// The user's UUID; `null` for the server itself.
  public var actorID: String?
  /// What the channel was called then; `null` if it was about none.
  public var channel: String?
  /// To what: a file, a user, a key's identifier.
  public var subject: String
  /// The rest, an object; `null` if there is none.
  public var detail: JSONValue
  /// The identifier of the API key it was done with; `null` without one.
  public var key: String?
  /// The address it was done from; `null` if not by a request.
  public var address: String?

  /// Makes the body from its fields.
  public init(
    id: Int64, time: String, action: String, actor: String?, actorID: String?, channel: String?,
    subject: String, detail: JSONValue, key: String?, address: String?
  ) {
    self.id = id
    self.time = time
    self.action = action
    self.actor = actor
    self.actorID = actorID
    self.channel = channel
    self.subject = subject
    self.detail = detail
    self.key = key
    self.address = address
  }

  enum CodingKeys: String, CodingKey {
    case id, time, action, actor, channel, subject, detail, key, address
    case actorID = "actor_id"
  }

  /// Encodes every field, `null` where there is no value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(time, forKey: .time)
    try container.encode(action, forKey: .action)
    try container.encode(actor, forKey: .actor)
    try container.encode(actorID, forKey: .actorID)
    try container.encode(channel, forKey: .channel)
    try container.encode(subject, forKey: .subject)
    try container.encode(detail, forKey: .detail)
    try container.encode(key, forKey: .key)
    try container.encode(address, forKey: .address)
  }
}
