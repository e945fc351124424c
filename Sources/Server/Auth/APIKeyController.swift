import APITypes
import CondaTypes
import Foundation
import HTTPTypes
import Hummingbird
import Metadata

/// `/api/api-keys`: make, list and delete keys (quetz-api.md §1.7, with its fixes).
struct APIKeyController: Sendable {
  let services: Services

  func addRoutes(to router: Router<AppContext>) {
    router.get("api/api-keys", use: list)
    router.post("api/api-keys", use: create)
    router.delete("api/api-keys/:key", use: delete)
  }

  private func list(_ request: Request, _ context: AppContext) async throws -> Response {
    let user = try services.authorizer.require(.listKeys, for: context.principal)
    let keys = try await services.metadata.apiKeys(ownedBy: user.user.id)
    return try .json(keys.map { Self.body($0, key: $0.id.uuidString.lowercased()) })
  }

  private func create(_ request: Request, _ context: AppContext) async throws -> Response {
    var body = try await JSONBody(reading: request)
    let description = body.requiredString("description")
    let wantedExpiry = Self.expiry(&body)
    let roles = Self.roles(&body)
    try body.validate()
    let user = try context.principal.requireSignedIn()
    if roles.isEmpty { try services.authorizer.require(.createFullKey, for: context.principal) }
    for role in roles { try await requireMayGrant(role, context.principal) }
    // What a key makes ends no later than it does: else it could outlive itself.
    let expiresOn = [wantedExpiry, user.keyExpiresOn].compactMap(\.self).min()
    let secret = try APIKeySecret.generate()
    let key = try await services.metadata.createAPIKey(
      hash: secret.hash(), prefix: secret.prefix, description: description, createdOn: services.now(),
      expiresOn: expiresOn, owner: user.owner.id, roles: roles)
    return try .json(Self.body(key, key: secret.text), status: .created)
  }

  private func delete(_ request: Request, _ context: AppContext) async throws -> Response {
    let text = try context.pathParameter("key")
    guard let key = try await findKey(text) else {
      // The text may be a mistyped secret: it is not repeated.
      throw APIError(.keyNotFound, "key '\(UUID(uuidString: text) == nil ? "•••" : text)' does not exist")
    }
    let user = context.principal.user?.user.id
    try services.authorizer.require(
      .deleteKey, for: context.principal, isOwn: key.userID == user || key.ownerID == user)
    try await services.metadata.deleteAPIKey(id: key.id)
    return .null()
  }

  /// A key by its identifier, as lists show it, or by the secret itself, as upstream's clients have it.
  private func findKey(_ text: String) async throws -> APIKeyRow? {
    if let id = UUID(uuidString: text) { return try await services.metadata.apiKey(id: id) }
    return try await services.metadata.apiKey(hash: APIKeySecret(text: text).hash())?.key
  }

  /// Who may hand out which role (quetz-api.md §2.3); every entry is checked, and its channel must exist.
  private func requireMayGrant(_ grant: KeyRole, _ principal: Principal) async throws {
    guard let channel = try await services.metadata.channel(named: grant.channel) else {
      throw APIError.channelNotFound(grant.channel)
    }
    // Before the package is looked for: who may not hand it out is not told whether it is there.
    try await services.authorizer.require(
      Self.action(granting: grant), on: channel, package: grant.package, for: principal)
    if let package = grant.package {
      guard try await services.metadata.package(channelID: channel.id, named: package) != nil else {
        throw APIError.packageNotFound(grant.channel, package)
      }
    }
  }

  private static func action(granting grant: KeyRole) -> Action {
    switch (grant.package, grant.role) {
    case (nil, .owner): .grantChannelOwner
    case (nil, .maintainer): .grantChannelMaintainer
    case (nil, .member): .grantChannelMember
    case (_, .owner): .grantPackageOwner
    case (_, .maintainer): .grantPackageMaintainer
    case (_, .member): .grantPackageMember
    }
  }

  private static func expiry(_ body: inout JSONBody) -> Date? {
    guard let text = body.optionalString("expire_at") else { return nil }
    if let date = Timestamp.parseDay(text) { return date }
    body.note("date_from_datetime_parsing", "expire_at", "Input should be a valid date or datetime")
    return nil
  }

  /// The `roles` list; missing or `null` is the empty list. Repeating a channel overwrites its role.
  private static func roles(_ body: inout JSONBody) -> [KeyRole] {
    guard let value = body["roles"], value != .null else { return [] }
    guard let entries = value.asArray else {
      body.note("list_type", "roles", "Input should be a valid list")
      return []
    }
    var roles: [KeyRole] = []
    for entry in entries {
      let role = entry["role"]?.asString.flatMap(Role.init(rawValue:))
      let package = entry["package"]?.asString.flatMap { $0.isEmpty ? nil : $0 }
      guard let channel = entry["channel"]?.asString, !channel.isEmpty else {
        body.note("missing", "roles", "every role needs a channel")
        continue
      }
      guard let role else {
        body.note(
          "string_pattern_mismatch", "roles", "String should match pattern 'owner|maintainer|member'",
          context: ["pattern": "owner|maintainer|member"])
        continue
      }
      roles.removeAll { $0.channel == channel && $0.package == package }
      roles.append(KeyRole(channel: channel, package: package, role: role))
    }
    return roles
  }

  private static func body(_ row: APIKeyRow, key: String) -> APIKeyBody {
    APIKeyBody(
      description: row.description, timeCreated: Timestamp.day(row.createdOn),
      expireAt: row.expiresOn.map(Timestamp.day),
      roles: row.roles.map { roles in
        roles.map { APIKeyRoleBody(channel: $0.channel, package: $0.package, role: $0.role.rawValue) }
      },
      key: key)
  }
}
