/// The public face of a user: upstream's `BaseProfile`.
public struct ProfileSummaryBody: Codable, Sendable, Hashable {
  /// The displayed name; `null` if the provider knew none.
  public var name: String?
  /// Where the picture is; empty if there is none.
  public var avatarURL: String

  /// Makes the body from its two fields.
  public init(name: String?, avatarURL: String) {
    self.name = name
    self.avatarURL = avatarURL
  }

  enum CodingKeys: String, CodingKey {
    case name
    case avatarURL = "avatar_url"
  }

  /// Encodes both fields, `null` for an unknown name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(avatarURL, forKey: .avatarURL)
  }
}

/// The signed-in user as `GET /api/me` shows it: upstream's `Profile`.
public struct ProfileBody: Codable, Sendable, Hashable {
  /// The account behind the profile.
  public struct Account: Codable, Sendable, Hashable {
    /// The user's UUID, lower case with dashes.
    public var id: String
    /// The login name.
    public var username: String

    /// Makes the account from its two fields.
    public init(id: String, username: String) {
      self.id = id
      self.username = username
    }
  }

  /// The displayed name; `null` if the provider knew none.
  public var name: String?
  /// Where the picture is; empty if there is none.
  public var avatarURL: String
  /// Who it is.
  public var user: Account

  /// Makes the body from its three fields.
  public init(name: String?, avatarURL: String, user: Account) {
    self.name = name
    self.avatarURL = avatarURL
    self.user = user
  }

  enum CodingKeys: String, CodingKey {
    case name, user
    case avatarURL = "avatar_url"
  }

  /// Encodes all fields, `null` for an unknown name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(avatarURL, forKey: .avatarURL)
    try container.encode(user, forKey: .user)
  }
}
