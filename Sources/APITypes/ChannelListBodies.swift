/// A channel as `PATCH /api/channels/{channel}` answers: upstream's `Channel`, seven fields exactly.
public struct ChannelBaseBody: Codable, Sendable, Hashable {
  /// The name as it was typed at creation.
  public var name: String
  /// Free text; `null` if none was given.
  public var description: String?
  /// Whether only members may read it.
  public var isPrivate: Bool
  /// The most bytes the channel may hold; `null` for no limit.
  public var sizeLimit: Int64?
  /// Seconds a client or proxy keeps the channel's changeable files.
  public var ttl: Int64
  /// The channel this one mirrors or proxies; `null` for a local channel.
  public var mirrorChannelURL: String?
  /// `"proxy"`, `"mirror"` or `null`.
  public var mirrorMode: String?

  /// Makes the body from its seven fields.
  public init(
    name: String, description: String?, isPrivate: Bool, sizeLimit: Int64?, ttl: Int64,
    mirrorChannelURL: String?, mirrorMode: String?
  ) {
    self.name = name
    self.description = description
    self.isPrivate = isPrivate
    self.sizeLimit = sizeLimit
    self.ttl = ttl
    self.mirrorChannelURL = mirrorChannelURL
    self.mirrorMode = mirrorMode
  }

  enum CodingKeys: String, CodingKey {
    case name, description, ttl
    case isPrivate = "private"
    case sizeLimit = "size_limit"
    case mirrorChannelURL = "mirror_channel_url"
    case mirrorMode = "mirror_mode"
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
  }
}

/// A channel that a search found: upstream's `ChannelSearch`.
public struct ChannelSearchBody: Codable, Sendable, Hashable {
  /// The name as it was typed at creation.
  public var name: String
  /// Free text; `null` if none was given.
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

  /// Encodes every field, `null` where there is no value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(description, forKey: .description)
    try container.encode(isPrivate, forKey: .isPrivate)
  }
}

/// A server that mirrors a channel of ours: upstream's `ChannelMirror`.
public struct ChannelMirrorBody: Codable, Sendable, Hashable {
  /// The registration's UUID, lower case with dashes.
  public var id: String
  /// Where it serves its copy.
  public var url: String
  /// Where it describes its channel.
  public var apiEndpoint: String
  /// Where it tells its download counts.
  public var metricsEndpoint: String

  /// Makes the body from its four fields.
  public init(id: String, url: String, apiEndpoint: String, metricsEndpoint: String) {
    self.id = id
    self.url = url
    self.apiEndpoint = apiEndpoint
    self.metricsEndpoint = metricsEndpoint
  }

  enum CodingKeys: String, CodingKey {
    case id, url
    case apiEndpoint = "api_endpoint"
    case metricsEndpoint = "metrics_endpoint"
  }
}

/// A package that a search found: upstream's `PackageSearch`, eight fields exactly.
public struct PackageSearchBody: Codable, Sendable, Hashable {
  /// The package.
  public var package: PackageBody
  /// The channel's name.
  public var channelName: String

  /// Makes the body from the package and its channel.
  public init(package: PackageBody, channelName: String) {
    self.package = package
    self.channelName = channelName
  }

  enum CodingKeys: String, CodingKey {
    case channelName = "channel_name"
  }

  /// Reads the package's fields and the channel's from one object.
  public init(from decoder: any Decoder) throws {
    package = try PackageBody(from: decoder)
    channelName = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .channelName)
  }

  /// Encodes the package's fields and the channel's into one object.
  public func encode(to encoder: any Encoder) throws {
    try package.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(channelName, forKey: .channelName)
  }
}
