/// A channel as `GET /api/channels/{channel}` shows it: upstream's `ChannelExtra`, nine fields exactly.
///
/// quetz-client maps the object onto fixed keywords, so an extra or a missing key breaks it.
public struct ChannelBody: Codable, Sendable, Hashable {
  /// The name as it was typed at creation.
  public var name: String
  /// Free text; `null` if none was given.
  public var description: String?
  /// Whether only members may read it.
  public var isPrivate: Bool
  /// The most bytes the channel may hold; `null` for no limit.
  public var sizeLimit: Int64?
  /// Seconds a proxy keeps the channel's index files.
  public var ttl: Int64
  /// The channel this one mirrors or proxies; `null` for a local channel.
  public var mirrorChannelURL: String?
  /// `"proxy"`, `"mirror"` or `null`.
  public var mirrorMode: String?
  /// How many users have a role in it, key pseudo-users included (as upstream counts).
  public var membersCount: Int
  /// How many packages (names) it holds.
  public var packagesCount: Int

  /// Makes the body from its nine fields.
  public init(
    name: String, description: String?, isPrivate: Bool, sizeLimit: Int64?, ttl: Int64,
    mirrorChannelURL: String?, mirrorMode: String?, membersCount: Int, packagesCount: Int
  ) {
    self.name = name
    self.description = description
    self.isPrivate = isPrivate
    self.sizeLimit = sizeLimit
    self.ttl = ttl
    self.mirrorChannelURL = mirrorChannelURL
    self.mirrorMode = mirrorMode
    self.membersCount = membersCount
    self.packagesCount = packagesCount
  }

  enum CodingKeys: String, CodingKey {
    case name, description, ttl
    case isPrivate = "private"
    case sizeLimit = "size_limit"
    case mirrorChannelURL = "mirror_channel_url"
    case mirrorMode = "mirror_mode"
    case membersCount = "members_count"
    case packagesCount = "packages_count"
  }

  /// Encodes every field, `null` where there is no value: clients demand the keys.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(description, forKey: .description)
    try container.encode(isPrivate, forKey: .isPrivate)
    try container.encode(sizeLimit, forKey: .sizeLimit)
    try container.encode(ttl, forKey: .ttl)
    try container.encode(mirrorChannelURL, forKey: .mirrorChannelURL)
    try container.encode(mirrorMode, forKey: .mirrorMode)
    try container.encode(membersCount, forKey: .membersCount)
    try container.encode(packagesCount, forKey: .packagesCount)
  }
}

/// What `POST /api/channels` takes, as far as a client of ours says it.
public struct NewChannelBody: Codable, Sendable, Hashable {
  /// The name; letters, digits, `-` and `.`.
  public var name: String
  /// Free text, 300 characters at most.
  public var description: String?
  /// Whether only members may read it.
  public var isPrivate: Bool

  /// Makes the body from its three fields.
  public init(name: String, description: String?, isPrivate: Bool) {
    self.name = name
    self.description = description
    self.isPrivate = isPrivate
  }

  enum CodingKeys: String, CodingKey {
    case name, description
    case isPrivate = "private"
  }
}
