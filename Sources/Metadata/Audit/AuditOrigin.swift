public import Foundation

/// Where a change comes from: the request that is being answered.
///
/// The request's task carries it, so that every change the request makes is written down with its key and address,
/// by whichever method. A store's write takes it along to the transaction (decision 0008).
public struct AuditOrigin: Hashable, Sendable {
  /// The origin of what the current task does; nil outside of requests, e.g. in a command.
  @TaskLocal public static var current: AuditOrigin?

  /// Who asks: the user, or the owner of the key; nil is anonymous.
  public var actorID: UUID?
  /// With which key, if with one.
  public var keyID: UUID?
  /// From which address.
  public var address: String?
  /// When, by the server's clock.
  public var time: Date

  /// All fields, in order.
  public init(actorID: UUID?, keyID: UUID?, address: String?, time: Date) {
    self.actorID = actorID
    self.keyID = keyID
    self.address = address
    self.time = time
  }
}
