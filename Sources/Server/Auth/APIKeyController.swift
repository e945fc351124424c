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
    return try await services.metadata.deletableAPIKey(hash: APIKeySecret(text: text).hash())
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

  /// More would make every request with the key slow, and the making of it, too.
  static let mostRoles = 100

  /// The `roles` list; missing or `null` is the empty list. Repeating a channel overwrites its role.
  private static func roles(_ body: inout JSONBody) -> [KeyRole] {
    guard let value = body["roles"], value != .null else { return [] }
    guard let entries = value.asArray, entries.count <= mostRoles else {
      body.note(
        value.asArray == nil ? "list_type" : "too_long", "roles",
        value.asArray == nil
          ? "Input should be a valid list" : "List should have at most \(mostRoles) items after validation")
      return []
    }
    var roles: [KeyRole] = []
    for (index, entry) in entries.enumerated() {
      guard let role = role(entry, index, &body) else { continue }
      roles.removeAll { $0.channel == role.channel && $0.package == role.package }
      roles.append(role)
    }
    return roles
  }

  /// One entry; `nil` if there is a problem, which is then noted where it is.
  private static func role(_ entry: JSONValue, _ index: Int, _ body: inout JSONBody) -> KeyRole? {
    let place: [JSONValue] = ["roles", .integer(Int64(index))]
    guard entry.asObject != nil else {
      body.note(
        "model_attributes_type", at: place,
        "Input should be a valid dictionary or object to extract fields from",
        input: entry)
      return nil
    }
    for (key, isRequired) in [("channel", true), ("package", false), ("role", true)] {
      let value = entry[key]
      if value == nil, isRequired {
        body.note("missing", at: place + [.string(key)], "Field required", input: entry)
      }
      if let value, value.asString == nil, isRequired || value != .null {
        body.note("string_type", at: place + [.string(key)], "Input should be a valid string", input: value)
      }
    }
    guard let channel = entry["channel"]?.asString, let word = entry["role"]?.asString else { return nil }
    if channel.isEmpty {
      body.note(
        "string_too_short", at: place + ["channel"], "String should have at least 1 character", input: "",
        context: ["min_length": 1])
      return nil
    }
    guard let role = Role(rawValue: word) else {
      body.note(
        "string_pattern_mismatch", at: place + ["role"],
        "String should match pattern 'owner|maintainer|member'",
        input: .string(word), context: ["pattern": "owner|maintainer|member"])
      return nil
    }
    let package = entry["package"]?.asString.flatMap { $0.isEmpty ? nil : $0 }
    return KeyRole(channel: channel, package: package, role: role)
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
