public import CondaTypes

/// A package (a name in a channel): upstream's `Package`, seven fields exactly.
public struct PackageBody: Codable, Sendable, Hashable {
  /// The package's name.
  public var name: String
  /// One line about it, from its first upload; `null` if unknown.
  public var summary: String?
  /// More about it, from its first upload; `null` if unknown.
  public var description: String?
  /// The project's home page; `null` if unknown.
  public var url: String?
  /// The subdirs it has artifacts in, sorted; `null` before the first upload.
  public var platforms: [String]?
  /// The newest version; `null` without artifacts.
  public var currentVersion: String?
  /// When the newest version was added, ISO 8601 without zone (UTC); `null` without artifacts.
  public var latestChange: String?

  /// Makes the body from its seven fields.
  public init(
    name: String, summary: String?, description: String?, url: String?, platforms: [String]?,
    currentVersion: String?, latestChange: String?
  ) {
    self.name = name
    self.summary = summary
    self.description = description
    self.url = url
    self.platforms = platforms
    self.currentVersion = currentVersion
    self.latestChange = latestChange
  }

  enum CodingKeys: String, CodingKey {
    case name, summary, description, url, platforms
    case currentVersion = "current_version"
    case latestChange = "latest_change"
  }

  /// Encodes every field, `null` where there is no value: clients demand the keys.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(summary, forKey: .summary)
    try container.encode(description, forKey: .description)
    try container.encode(url, forKey: .url)
    try container.encode(platforms, forKey: .platforms)
    try container.encode(currentVersion, forKey: .currentVersion)
    try container.encode(latestChange, forKey: .latestChange)
  }
}

/// One artifact of a package: upstream's `PackageVersion`, and for yanked ones two fields more.
public struct PackageVersionBody: Codable, Sendable, Hashable {
  /// The artifact's UUID, lower case with dashes.
  public var id: String
  /// The channel's name as it was typed at creation.
  public var channelName: String
  /// The package's name.
  public var packageName: String
  /// The subdir.
  public var platform: String
  /// The version as written in the package.
  public var version: String
  /// The build string.
  public var buildString: String
  /// The build number.
  public var buildNumber: Int64
  /// The artifact's file name.
  public var filename: String
  /// `info/index.json` with the archive's `size`, `md5` and `sha256`.
  public var info: JSONValue
  /// Who uploaded it.
  public var uploader: ProfileSummaryBody
  /// When it was first uploaded, ISO 8601 without zone (UTC).
  public var timeCreated: String
  /// How often it was downloaded.
  public var downloadCount: Int64
  /// Ours, and there only where it is true: the artifact is out of the index, its file still served.
  public var yanked: Bool?
  /// Why; there only with `yanked`.
  public var yankReason: String?

  /// Makes the body from its fields.
  public init(
    id: String, channelName: String, packageName: String, platform: String, version: String,
    buildString: String, buildNumber: Int64, filename: String, info: JSONValue,
    uploader: ProfileSummaryBody, timeCreated: String, downloadCount: Int64, yankReason: String? = nil
  ) {
    self.id = id
    self.channelName = channelName
    self.packageName = packageName
    self.platform = platform
    self.version = version
    self.buildString = buildString
    self.buildNumber = buildNumber
    self.filename = filename
    self.info = info
    self.uploader = uploader
    self.timeCreated = timeCreated
    self.downloadCount = downloadCount
    self.yanked = yankReason == nil ? nil : true
    self.yankReason = yankReason
  }

  enum CodingKeys: String, CodingKey {
    case id, platform, version, filename, info, uploader, yanked
    case channelName = "channel_name"
    case packageName = "package_name"
    case buildString = "build_string"
    case buildNumber = "build_number"
    case timeCreated = "time_created"
    case downloadCount = "download_count"
    case yankReason = "yank_reason"
  }
}
