import APITypes
import CondaTypes
import Metadata

/// The body of `PATCH /api/channels/{c}`: what it names is changed, everything else stays.
struct ChannelChanges {
  /// What a channel keeps for ever.
  private static let fixed = ["name", "description", "mirror_channel_url", "mirror_mode"]

  private let isPrivate: Bool?
  /// Whether `size_limit` is present; `null` lifts the limit.
  let setsSizeLimit: Bool
  private let sizeLimit: Int64?
  private let ttl: Int64?
  private let lists: MirrorLists
  private let fixedAttribute: String?

  init(reading body: inout JSONBody) {
    let saysPrivate = body.has("private") && body["private"] != .null
    isPrivate = saysPrivate ? body.bool("private", default: true) : nil
    setsSizeLimit = body.has("size_limit")
    sizeLimit = body.optionalCount("size_limit")
    ttl = body.optionalCount("ttl")
    lists = MirrorLists(reading: &body)
    fixedAttribute = Self.fixed.first(where: body.has)
  }

  /// - Throws: 422 `attribute … of channel can not be changed`.
  func requireChangeable() throws {
    if let fixedAttribute {
      throw APIError(
        .channelAttributeIsFixed, "attribute '\(fixedAttribute)' of channel can not be changed")
    }
  }

  func apply(to channel: ChannelRow) -> ChannelRow {
    var channel = channel
    if let isPrivate { channel.isPrivate = isPrivate }
    if setsSizeLimit { channel.sizeLimit = sizeLimit }
    if let ttl { channel.ttl = ttl }
    channel.metadata = MirrorLists(stored: channel.metadata).merged(with: lists).stored
    return channel
  }
}
