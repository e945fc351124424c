public import Foundation
internal import GRDB

/// Something that was done, about to be written down for good.
public struct AuditEntry: Hashable, Sendable {
  /// When.
  public var time: Date
  /// Who; nil is the server itself.
  public var actorID: UUID?
  /// What, e.g. `artifact.publish`.
  public var action: String
  /// In which channel, if in one.
  public var channelID: Int64?
  /// To what, e.g. `linux-64/a-1.0-0.conda`.
  public var subject: String
  /// JSON text with the rest.
  public var detail: String?

  /// All fields, in order.
  public init(
    time: Date, actorID: UUID?, action: String, channelID: Int64? = nil, subject: String,
    detail: String? = nil
  ) {
    self.time = time
    self.actorID = actorID
    self.action = action
    self.channelID = channelID
    self.subject = subject
    self.detail = detail
  }
}

/// A line of the audit log.
public struct AuditRow: Hashable, Sendable {
  /// Grows with time.
  public var id: Int64
  /// What was written down.
  public var entry: AuditEntry
  /// With which API key, if with one.
  public var keyID: UUID?
  /// From which address, if by a request.
  public var address: String?
  /// What the channel was called then.
  public var channelName: String?
  /// The name of who did it.
  public var actorName: String?
}

extension AuditRow {
  init(row: Row) throws {
    self.init(
      id: try row.value("id"),
      entry: AuditEntry(
        time: try row.time("time"), actorID: try row.value("actorID"), action: try row.value("action"),
        channelID: try row.value("channelID"), subject: try row.value("subject"),
        detail: try row.value("detail")),
      keyID: try row.value("keyID"), address: try row.value("address"),
      channelName: try row.value("channelName"), actorName: try row.value("actorName"))
  }
}
