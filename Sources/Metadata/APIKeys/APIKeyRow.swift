public import Foundation
internal import GRDB

/// One role that a scoped API key has.
public struct KeyRole: Codable, Hashable, Sendable {
  /// The channel's name.
  public var channel: String
  /// The package's name; nil if the role is for the whole channel.
  public var package: String?
  /// The role.
  public var role: Role

  /// All fields, in order.
  public init(channel: String, package: String?, role: Role) {
    self.channel = channel
    self.package = package
    self.role = role
  }
}

/// An API key, without the key itself: only its hash is stored.
public struct APIKeyRow: Hashable, Sendable {
  /// Names the key where the key itself must not appear.
  public var id: UUID
  /// Free text.
  public var description: String
  /// The day it was made.
  public var createdOn: Date
  /// The last day it works; nil is for ever.
  public var expiresOn: Date?
  /// Deleted keys stay as rows, and never work again.
  public var isDeleted: Bool
  /// Whose rights it has: its owner, or a pseudo-user with exactly its roles.
  public var userID: UUID
  /// Who made it, and to whom its uploads are attributed.
  public var ownerID: UUID
  /// Roughly when it was last used.
  public var lastUsed: Date?
  /// The key's first characters, to tell keys apart in lists.
  public var prefix: String
  /// Its roles, channels first, sorted by name; nil for a key with all rights of its owner.
  public var roles: [KeyRole]?

  /// All fields, in order.
  public init(
    id: UUID, description: String, createdOn: Date, expiresOn: Date?, isDeleted: Bool, userID: UUID,
    ownerID: UUID, lastUsed: Date?, prefix: String, roles: [KeyRole]?
  ) {
    self.id = id
    self.description = description
    self.createdOn = createdOn
    self.expiresOn = expiresOn
    self.isDeleted = isDeleted
    self.userID = userID
    self.ownerID = ownerID
    self.lastUsed = lastUsed
    self.prefix = prefix
    self.roles = roles
  }
}

/// Whom a key speaks for.
public struct APIKeyIdentity: Hashable, Sendable {
  /// The key.
  public var key: APIKeyRow
  /// Whose rights it has.
  public var user: UserRow
  /// Who made it.
  public var owner: UserRow

  /// All fields, in order.
  public init(key: APIKeyRow, user: UserRow, owner: UserRow) {
    self.key = key
    self.user = user
    self.owner = owner
  }
}

extension APIKeyRow {
  /// The columns that `init(row:roles:)` reads, from `apiKey`.
  static let columns = """
    apiKey.id, apiKey.description, apiKey.createdOn, apiKey.expiresOn, apiKey.isDeleted, apiKey.userID, \
    apiKey.ownerID, apiKey.lastUsed, apiKey.prefix
    """

  init(row: Row, roles: [KeyRole]?) throws {
    self.init(
      id: try row.value("id"), description: try row.value("description"),
      createdOn: try row.time("createdOn"),
      expiresOn: try row.date("expiresOn"), isDeleted: try row.value("isDeleted"),
      userID: try row.value("userID"), ownerID: try row.value("ownerID"), lastUsed: try row.date("lastUsed"),
      prefix: try row.value("prefix"), roles: roles)
  }
}
