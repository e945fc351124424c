public import APITypes
import HTTPTypes

extension RegistryClient {
  /// The keys of the key's user, newest information the server gives.
  public func apiKeys() async throws(RegistryError) -> [APIKeyBody] {
    try await get(.apiKeys, as: [APIKeyBody].self)
  }

  /// Makes a key; the answer is the only place where it is shown.
  ///
  /// - Parameters:
  ///   - description: What the key is for.
  ///   - expiresOn: Its last day, `YYYY-MM-DD`; `nil` is for ever.
  ///   - roles: What it may do; none is all that its user may.
  public func createAPIKey(
    description: String, expiresOn: String? = nil, roles: [APIKeyRoleBody] = []
  ) async throws(RegistryError) -> APIKeyBody {
    let body = NewAPIKeyBody(description: description, expireAt: expiresOn, roles: roles)
    return try Self.decode(APIKeyBody.self, from: try await send(.post, .apiKeys, json: body))
  }

  /// Ends a key, named by itself or by the identifier that the list shows.
  public func deleteAPIKey(_ key: String) async throws(RegistryError) {
    try await send(.delete, .apiKey(key))
  }
}
