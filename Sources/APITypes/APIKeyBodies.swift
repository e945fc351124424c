/// One role of a scoped API key: on a channel, or on one package of a channel.
public struct APIKeyRoleBody: Codable, Sendable, Hashable {
  /// The channel's name.
  public var channel: String
  /// The package's name; `null` for the whole channel.
  public var package: String?
  /// `"owner"`, `"maintainer"` or `"member"`.
  public var role: String

  /// Makes the body from its three fields.
  public init(channel: String, package: String? = nil, role: String) {
    self.channel = channel
    self.package = package
    self.role = role
  }

  enum CodingKeys: String, CodingKey {
    case channel, package, role
  }

  /// Encodes all fields, `null` for "the whole channel".
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(channel, forKey: .channel)
    try container.encode(package, forKey: .package)
    try container.encode(role, forKey: .role)
  }
}

/// An API key: upstream's `ApiKey`.
///
/// `key` is the secret in the one answer that creates it. Only a hash is kept, so in lists it is the key's
/// identifier, which deletion accepts as well.
public struct APIKeyBody: Codable, Sendable, Hashable {
  /// What the key is for, in its owner's words.
  public var description: String
  /// The day it was made, `YYYY-MM-DD` (UTC).
  public var timeCreated: String
  /// The last day it is valid, `YYYY-MM-DD`; `null` for no end.
  public var expireAt: String?
  /// What a scoped key may do; `null` for a key with all its owner's rights.
  public var roles: [APIKeyRoleBody]?
  /// The secret (at creation) or the identifier (in lists).
  public var key: String

  /// Makes the body from its five fields.
  public init(
    description: String, timeCreated: String, expireAt: String?, roles: [APIKeyRoleBody]?, key: String
  ) {
    self.description = description
    self.timeCreated = timeCreated
    self.expireAt = expireAt
    self.roles = roles
    self.key = key
  }

  enum CodingKeys: String, CodingKey {
    case description, roles, key
    case timeCreated = "time_created"
    case expireAt = "expire_at"
  }

  /// Encodes all fields, `null` where there is no value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(description, forKey: .description)
    try container.encode(timeCreated, forKey: .timeCreated)
    try container.encode(expireAt, forKey: .expireAt)
    try container.encode(roles, forKey: .roles)
    try container.encode(key, forKey: .key)
  }
}

/// What `POST /api/api-keys` takes.
public struct NewAPIKeyBody: Codable, Sendable, Hashable {
  /// What the key is for.
  public var description: String
  /// The last day it is valid, `YYYY-MM-DD`; `nil` for no end.
  public var expireAt: String?
  /// What it may do; empty for all that its owner may.
  public var roles: [APIKeyRoleBody]

  /// Makes the body from its three fields.
  public init(description: String, expireAt: String?, roles: [APIKeyRoleBody]) {
    self.description = description
    self.expireAt = expireAt
    self.roles = roles
  }

  enum CodingKeys: String, CodingKey {
    case description, roles
    case expireAt = "expire_at"
  }
}
