/// A message of a channel to those who use it (CEP 6), as the API and `notices.json` have it.
public struct NoticeBody: Codable, Sendable, Hashable {
  /// Names it in the channel.
  public var id: String
  /// What clients print.
  public var message: String
  /// `info`, `warning` or `critical`.
  public var level: String
  /// ISO 8601 with an offset, which is how older clients read it.
  public var createdAt: String
  /// Likewise.
  public var expiresAt: String

  /// All fields, in order.
  public init(id: String, message: String, level: String, createdAt: String, expiresAt: String) {
    self.id = id
    self.message = message
    self.level = level
    self.createdAt = createdAt
    self.expiresAt = expiresAt
  }

  enum CodingKeys: String, CodingKey {
    case id, message, level
    case createdAt = "created_at"
    case expiresAt = "expires_at"
  }
}

/// The channels that a channel builds upon or stands in front of (CEP 42).
public struct RelationsBody: Codable, Sendable, Hashable {
  /// Loaded with a higher priority; `null` for none.
  public var base: String?
  /// Loaded with a lower priority; `null` for none.
  public var overrides: String?

  /// All fields, in order.
  public init(base: String?, overrides: String?) {
    self.base = base
    self.overrides = overrides
  }

  enum CodingKeys: String, CodingKey { case base, overrides }

  /// Encodes both fields, `null` where there is no value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(base, forKey: .base)
    try container.encode(overrides, forKey: .overrides)
  }
}

/// How fresh a channel's index is.
public struct IndexStateBody: Codable, Sendable, Hashable {
  /// One subdir's part of it.
  public struct Subdir: Codable, Sendable, Hashable {
    /// The subdir.
    public var subdir: String
    /// Grows with every change of its artifacts.
    public var generation: Int64
    /// The generation that repodata and the other documents show.
    public var documentsGeneration: Int64

    /// All fields, in order.
    public init(subdir: String, generation: Int64, documentsGeneration: Int64) {
      self.subdir = subdir
      self.generation = generation
      self.documentsGeneration = documentsGeneration
    }

    enum CodingKeys: String, CodingKey {
      case subdir, generation
      case documentsGeneration = "documents_generation"
    }
  }

  /// By name.
  public var subdirs: [Subdir]
  /// How long the last upload since the server's start took to be in the shards; `null` without one.
  public var uploadToShards: Double?
  /// How long the last one that is in repodata took to get there; `null` without one.
  public var uploadToRepodata: Double?

  /// All fields, in order.
  public init(subdirs: [Subdir], uploadToShards: Double?, uploadToRepodata: Double?) {
    self.subdirs = subdirs
    self.uploadToShards = uploadToShards
    self.uploadToRepodata = uploadToRepodata
  }

  enum CodingKeys: String, CodingKey {
    case subdirs
    case uploadToShards = "upload_to_shards_seconds"
    case uploadToRepodata = "upload_to_repodata_seconds"
  }

  /// Encodes every field, `null` where there is no value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(subdirs, forKey: .subdirs)
    try container.encode(uploadToShards, forKey: .uploadToShards)
    try container.encode(uploadToRepodata, forKey: .uploadToRepodata)
  }
}
