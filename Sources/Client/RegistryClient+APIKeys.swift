import HTTPTypes

extension RegistryClient {
  /// The keys of the key's user, newest information the server gives.
  public func apiKeys() async throws(RegistryError) -> [APIKey] {
    try await get(.apiKeys, as: [APIKey].self)
  }

  /// Makes a key; the answer is the only place where it is shown.
  ///
  /// - Parameters:
  ///   - description: What the key is for.
  ///   - expiresOn: Its last day, `YYYY-MM-DD`; `nil` is for ever.
  ///   - roles: What it may do; none is all that its user may.
  public func createAPIKey(
    description: String, expiresOn: String? = nil, roles: [APIKey.Role] = []
  ) async throws(RegistryError) -> APIKey {
    let body = NewAPIKey(description: description, expiresOn: expiresOn, roles: roles)
    return try Self.decode(APIKey.self, from: try await send(.post, .apiKeys, json: body))
  }

  /// Ends a key, named by itself or by the identifier that the list shows.
  public func deleteAPIKey(_ key: String) async throws(RegistryError) {
    try await send(.delete, .apiKey(key))
  }
}

/// A key for the API.
public struct APIKey: Hashable, Sendable, Decodable {
  /// What a key may do in a channel or for one package.
  public struct Role: Hashable, Sendable, Codable {
    /// The channel's name.
    public let channel: String
    /// The package's name; `nil` is the whole channel.
    public let package: String?
    /// `owner`, `maintainer` or `member`.
    public let role: String

    /// A role for a channel, or for one package in it.
    public init(channel: String, package: String? = nil, role: String) {
      self.channel = channel
      self.package = package
      self.role = role
    }
  }

  /// What it is for.
  public let description: String?
  /// The day it was made, `YYYY-MM-DD`.
  public let createdOn: String?
  /// Its last day, `YYYY-MM-DD`.
  public let expiresOn: String?
  /// What it may do; `nil` is all that its user may.
  public let roles: [Role]?
  /// The key itself right after it was made; in lists an identifier.
  public let key: String

  enum CodingKeys: String, CodingKey {
    case description, roles, key
    case createdOn = "time_created"
    case expiresOn = "expire_at"
  }
}

/// The body that makes a key.
private struct NewAPIKey: Encodable {
  let description: String
  let expiresOn: String?
  let roles: [APIKey.Role]

  enum CodingKeys: String, CodingKey {
    case description, roles
    case expiresOn = "expire_at"
  }
}
