public import Foundation
internal import GRDB

/// A login that has not ended.
public struct SessionRow: Hashable, Sendable {
  /// What the signed cookie names.
  public var id: UUID
  /// Who logged in.
  public var user: UserRow
  /// With which login provider, e.g. `github`.
  public var provider: String
  /// When. That the session goes on is said by its cookies, not here.
  public var createdAt: Date

  /// All fields, in order.
  public init(id: UUID, user: UserRow, provider: String, createdAt: Date) {
    self.id = id
    self.user = user
    self.provider = provider
    self.createdAt = createdAt
  }
}

extension SessionRow {
  init(row: Row) throws {
    self.init(
      id: try row.value("sessionID"), user: try UserRow(row: row), provider: try row.value("provider"),
      createdAt: try row.time("sessionCreatedAt"))
  }
}
