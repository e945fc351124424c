public import APITypes
import HTTPTypes

extension RegistryClient {
  /// All public channels and those the key's user is a member of.
  public func channels() async throws(RegistryError) -> [ChannelBody] {
    try await allPages(of: .channelPages, as: ChannelBody.self)
  }

  /// One channel; refused with 404 if there is none of that name.
  public func channel(named name: String) async throws(RegistryError) -> ChannelBody {
    try await get(.channel(name), as: ChannelBody.self)
  }

  /// Makes a channel; the key's user becomes its owner. Refused with 409 if the name is taken.
  public func createChannel(
    named name: String, description: String? = nil, isPrivate: Bool
  ) async throws(RegistryError) {
    try await send(
      .post, .channels, json: NewChannelBody(name: name, description: description, isPrivate: isPrivate))
  }

  /// Removes a channel with all its packages.
  public func deleteChannel(named name: String) async throws(RegistryError) {
    try await send(.delete, .channel(name))
  }
}
