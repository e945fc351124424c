public import CondaTypes

/// A subdir's repodata patch, in a list.
public struct PatchBody: Codable, Sendable, Hashable {
  /// The subdir.
  public var subdir: String
  /// `patch_instructions_version`.
  public var version: Int64
  /// The patch package it came from; `null` for instructions.
  public var origin: String?
  /// When it was set, ISO 8601 without zone (UTC).
  public var timeCreated: String
  /// Files that the instructions name.
  public var instructions: Int64
  /// Artifacts of the channel that they change.
  public var artifacts: Int64

  /// All fields, in order.
  public init(
    subdir: String, version: Int64, origin: String?, timeCreated: String, instructions: Int64,
    artifacts: Int64
  ) {
    self.subdir = subdir
    self.version = version
    self.origin = origin
    self.timeCreated = timeCreated
    self.instructions = instructions
    self.artifacts = artifacts
  }

  enum CodingKeys: String, CodingKey {
    case subdir, version, origin, instructions, artifacts
    case timeCreated = "time_created"
  }

  /// Encodes every field, `null` where there is no value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(subdir, forKey: .subdir)
    try container.encode(version, forKey: .version)
    try container.encode(origin, forKey: .origin)
    try container.encode(timeCreated, forKey: .timeCreated)
    try container.encode(instructions, forKey: .instructions)
    try container.encode(artifacts, forKey: .artifacts)
  }
}

/// What a patch would change.
public struct PatchPreviewBody: Codable, Sendable, Hashable {
  /// What it would change about one artifact.
  public struct Difference: Codable, Sendable, Hashable {
    /// The artifact's file name.
    public var filename: String
    /// Whether it would be out of the index.
    public var removed: Bool
    /// The members of its record that differ, as they are; run exports are among them.
    public var before: [String: JSONValue]
    /// The members that differ, as they would be.
    public var after: [String: JSONValue]

    /// All fields, in order.
    public init(
      filename: String, removed: Bool, before: [String: JSONValue], after: [String: JSONValue]
    ) {
      self.filename = filename
      self.removed = removed
      self.before = before
      self.after = after
    }
  }

  /// How many artifacts would differ.
  public var total: Int
  /// How many of the named files the subdir does not have.
  public var unmatched: Int
  /// By file name; the first thousand.
  public var differences: [Difference]

  /// All fields, in order.
  public init(total: Int, unmatched: Int, differences: [Difference]) {
    self.total = total
    self.unmatched = unmatched
    self.differences = differences
  }
}
