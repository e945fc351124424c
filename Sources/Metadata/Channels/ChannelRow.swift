public import Foundation
internal import GRDB

/// A channel.
public struct ChannelRow: Hashable, Sendable {
  /// Never used again, so it may be kept in caches.
  public var id: Int64
  /// As typed at creation; unique whatever the case.
  public var name: String
  /// Free text.
  public var description: String?
  /// Whether reading needs a role.
  public var isPrivate: Bool
  /// Quota in bytes; nil is none.
  public var sizeLimit: Int64?
  /// How long clients may keep what they fetched, in seconds.
  public var ttl: Int64
  /// The channel that this one mirrors or proxies; set together with the mode.
  public var mirrorChannelURL: String?
  /// `proxy` or `mirror`; nil for a channel of our own.
  public var mirrorMode: String?
  /// JSON text: include, exclude and proxy lists of a mirror.
  public var metadata: String?
  /// Sum of the sizes of its artifacts, in bytes.
  public var size: Int64
  /// When it was made.
  public var createdAt: Date

  /// All fields, in order.
  public init(
    id: Int64, name: String, description: String?, isPrivate: Bool, sizeLimit: Int64?, ttl: Int64,
    mirrorChannelURL: String?, mirrorMode: String?, metadata: String?, size: Int64, createdAt: Date
  ) {
    self.id = id
    self.name = name
    self.description = description
    self.isPrivate = isPrivate
    self.sizeLimit = sizeLimit
    self.ttl = ttl
    self.mirrorChannelURL = mirrorChannelURL
    self.mirrorMode = mirrorMode
    self.metadata = metadata
    self.size = size
    self.createdAt = createdAt
  }
}

/// A channel about to be made.
public struct NewChannel: Hashable, Sendable {
  /// As typed at creation; unique whatever the case.
  public var name: String
  /// Free text.
  public var description: String?
  /// Whether reading needs a role.
  public var isPrivate: Bool
  /// Quota in bytes; nil is none.
  public var sizeLimit: Int64?
  /// How long clients may keep what they fetched, in seconds.
  public var ttl: Int64
  /// The channel that this one mirrors or proxies; set together with the mode.
  public var mirrorChannelURL: String?
  /// `proxy` or `mirror`; nil for a channel of our own.
  public var mirrorMode: String?
  /// JSON text: include, exclude and proxy lists of a mirror.
  public var metadata: String?

  /// All fields, in order.
  public init(
    name: String, description: String? = nil, isPrivate: Bool = true, sizeLimit: Int64? = nil,
    ttl: Int64 = 36_000, mirrorChannelURL: String? = nil, mirrorMode: String? = nil, metadata: String? = nil
  ) {
    self.name = name
    self.description = description
    self.isPrivate = isPrivate
    self.sizeLimit = sizeLimit
    self.ttl = ttl
    self.mirrorChannelURL = mirrorChannelURL
    self.mirrorMode = mirrorMode
    self.metadata = metadata
  }
}

/// A channel and how much is in it.
public struct ChannelSummary: Hashable, Sendable {
  /// The channel.
  public var channel: ChannelRow
  /// Its members, pseudo-users of scoped API keys included.
  public var membersCount: Int
  /// Its packages.
  public var packagesCount: Int

  /// All fields, in order.
  public init(channel: ChannelRow, membersCount: Int, packagesCount: Int) {
    self.channel = channel
    self.membersCount = membersCount
    self.packagesCount = packagesCount
  }
}

/// Which channels a listing may show.
public enum ChannelVisibility: Hashable, Sendable {
  /// Public channels.
  case publicOnly
  /// Public channels, and those the user is a member of.
  case publicAndMember(UUID)
  /// Those the user is a member of.
  case memberOnly(UUID)
}

extension ChannelRow {
  init(row: Row) throws {
    self.init(
      id: try row.value("id"), name: try row.value("name"), description: try row.value("description"),
      isPrivate: try row.value("isPrivate"), sizeLimit: try row.value("sizeLimit"), ttl: try row.value("ttl"),
      mirrorChannelURL: try row.value("mirrorChannelURL"), mirrorMode: try row.value("mirrorMode"),
      metadata: try row.value("metadata"), size: try row.value("size"), createdAt: try row.time("createdAt"))
  }
}

extension ChannelSummary {
  /// The columns that `init(row:)` reads, from `channel`; the counts are kept by triggers.
  static let columns = "channel.*"

  init(row: Row) throws {
    self.init(
      channel: try ChannelRow(row: row), membersCount: try row.value("memberCount"),
      packagesCount: try row.value("packageCount"))
  }
}
