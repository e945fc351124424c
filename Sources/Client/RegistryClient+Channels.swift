import HTTPTypes

extension RegistryClient {
  /// All public channels and those the key's user is a member of.
  public func channels() async throws(RegistryError) -> [Channel] {
    try await allPages(of: .channelPages, as: Channel.self)
  }

  /// One channel; refused with 404 if there is none of that name.
  public func channel(named name: String) async throws(RegistryError) -> Channel {
    try await get(.channel(name), as: Channel.self)
  }

  /// Makes a channel; the key's user becomes its owner. Refused with 409 if the name is taken.
  public func createChannel(
    named name: String, description: String? = nil, isPrivate: Bool
  ) async throws(RegistryError) {
    try await send(
      .post, .channels, json: NewChannel(name: name, description: description, isPrivate: isPrivate))
  }

  /// Removes a channel with all its packages.
  public func deleteChannel(named name: String) async throws(RegistryError) {
    try await send(.delete, .channel(name))
  }
}

/// A channel as the server lists it.
public struct Channel: Hashable, Sendable, Decodable {
  /// The name as its owner spelt it.
  public let name: String
  /// A sentence about it.
  public let description: String?
  /// Whether only members may read it.
  public let isPrivate: Bool
  /// Bytes it may hold.
  public let sizeLimit: Int64?
  /// How many packages it has.
  public let packagesCount: Int?
  /// How many members it has.
  public let membersCount: Int?
  /// What it copies, if it is a mirror or proxy.
  public let mirrorURL: String?

  enum CodingKeys: String, CodingKey {
    case name, description
    case isPrivate = "private"
    case sizeLimit = "size_limit"
    case packagesCount = "packages_count"
    case membersCount = "members_count"
    case mirrorURL = "mirror_channel_url"
  }
}

/// The body that makes a channel.
private struct NewChannel: Encodable {
  let name: String
  let description: String?
  let isPrivate: Bool

  enum CodingKeys: String, CodingKey {
    case name, description
    case isPrivate = "private"
  }
}
