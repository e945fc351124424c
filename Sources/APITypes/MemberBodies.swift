/// A user as lists show it: upstream's `User`, three fields exactly.
public struct UserBody: Codable, Sendable, Hashable {
  /// The user's UUID, lower case with dashes.
  public var id: String
  /// The login name.
  public var username: String
  /// The public face.
  public var profile: ProfileSummaryBody

  /// Makes the body from its three fields.
  public init(id: String, username: String, profile: ProfileSummaryBody) {
    self.id = id
    self.username = username
    self.profile = profile
  }
}

/// A member of a channel or of a package: upstream's `Member`.
public struct MemberBody: Codable, Sendable, Hashable {
  /// `"owner"`, `"maintainer"` or `"member"`.
  public var role: String
  /// Who it is.
  public var user: UserBody

  /// Makes the body from its two fields.
  public init(role: String, user: UserBody) {
    self.role = role
    self.user = user
  }
}

/// What `POST …/members` takes, for channels and for packages.
public struct NewMemberBody: Codable, Sendable, Hashable {
  /// The login name.
  public var username: String
  /// `"owner"`, `"maintainer"` or `"member"`.
  public var role: String

  /// Makes the body from its two fields.
  public init(username: String, role: String) {
    self.username = username
    self.role = role
  }
}

/// A user's role in the whole server.
public struct UserRoleBody: Codable, Sendable, Hashable {
  /// `"owner"`, `"maintainer"`, `"member"` or `null`.
  public var role: String?

  /// Makes the body from its one field.
  public init(role: String?) {
    self.role = role
  }

  enum CodingKeys: String, CodingKey {
    case role
  }

  /// Encodes the field, `null` for no role.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(role, forKey: .role)
  }
}

/// A channel that a user has a role in: upstream's `ChannelRole`.
public struct ChannelRoleBody: Codable, Sendable, Hashable {
  /// The channel's name.
  public var name: String
  /// `"owner"`, `"maintainer"` or `"member"`.
  public var role: String

  /// Makes the body from its two fields.
  public init(name: String, role: String) {
    self.name = name
    self.role = role
  }
}

/// A package that a user has a role for: upstream's `PackageRole`.
public struct PackageRoleBody: Codable, Sendable, Hashable {
  /// The package's name.
  public var name: String
  /// The channel's name.
  public var channelName: String
  /// `"owner"`, `"maintainer"` or `"member"`.
  public var role: String

  /// Makes the body from its three fields.
  public init(name: String, channelName: String, role: String) {
    self.name = name
    self.channelName = channelName
    self.role = role
  }

  enum CodingKeys: String, CodingKey {
    case name, role
    case channelName = "channel_name"
  }
}
