public import Foundation
internal import GRDB

/// Which lines of the audit log are wanted; nil is all.
public struct AuditFilter: Hashable, Sendable {
  /// About this channel, and not another one that had its name.
  public var channelID: Int64?
  /// About channels of this name, deleted ones included, in any case.
  public var channelName: String?
  /// This action, e.g. `member.set`, or all of a kind, e.g. `member.`.
  public var action: String?
  /// Done by this user.
  public var actorID: UUID?
  /// Done with this key.
  public var keyID: UUID?
  /// At or after this time.
  public var since: Date?
  /// Before this time.
  public var until: Date?

  /// Everything.
  public init() {}

  /// The conditions as SQL, and what their parameters stand for.
  var sql: (condition: String, arguments: StatementArguments) {
    var conditions: [String] = []
    var arguments: [String: (any DatabaseValueConvertible)?] = [:]
    func add(_ condition: String, _ name: String, _ value: (any DatabaseValueConvertible)?) {
      guard let value else { return }
      conditions.append(condition)
      arguments[name] = value
    }
    add("audit.channelID = :channelID", "channelID", channelID)
    add("audit.channelName = :channelName", "channelName", channelName)
    if let action, action.hasSuffix(".") {
      add("audit.action >= :action", "action", action)
      add("audit.action < :actionEnd", "actionEnd", String(action.dropLast()) + "/")  // "/" follows "."
    } else {
      add("audit.action = :action", "action", action)
    }
    add("audit.actorID = :actorID", "actorID", actorID)
    add("audit.keyID = :keyID", "keyID", keyID)
    add("audit.time >= :since", "since", since?.milliseconds)
    add("audit.time < :until", "until", until?.milliseconds)
    let condition = conditions.isEmpty ? "1" : conditions.joined(separator: " AND ")
    return (condition, StatementArguments(arguments))
  }
}
