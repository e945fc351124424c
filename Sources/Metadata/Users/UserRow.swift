public import Foundation
internal import GRDB

/// A user: a person, or the nameless holder of a scoped API key's roles.
public struct UserRow: Hashable, Sendable {
  /// Never changes and is never used again.
  public var id: UUID
  /// The login name; nil for a scoped API key's pseudo-user.
  public var username: String?
  /// The role in the whole server.
  public var role: Role?
  /// The name to show, from the profile.
  public var name: String?
  /// The picture to show, from the profile.
  public var avatarURL: String?
  /// When the row was made.
  public var createdAt: Date
  /// False for pseudo-users and for users who were deleted.
  public var hasProfile: Bool

  /// All fields, in order.
  public init(
    id: UUID, username: String?, role: Role?, name: String?, avatarURL: String?, createdAt: Date,
    hasProfile: Bool
  ) {
    self.id = id
    self.username = username
    self.role = role
    self.name = name
    self.avatarURL = avatarURL
    self.createdAt = createdAt
    self.hasProfile = hasProfile
  }
}

extension UserRow {
  /// The columns that `init(row:)` reads, from `user` and, outer-joined, `profile`.
  static let columns = """
    user.id AS userID, user.username, user.role, user.createdAt AS userCreatedAt, \
    profile.userID AS profileUserID, profile.name, profile.avatarURL
    """

  init(row: Row) throws {
    let profile: UUID? = try row.value("profileUserID")
    self.init(
      id: try row.value("userID"), username: try row.value("username"), role: try row.role("role"),
      name: try row.value("name"), avatarURL: try row.value("avatarURL"),
      createdAt: try row.time("userCreatedAt"),
      hasProfile: profile != nil)
  }
}
