import APITypes
import CondaTypes
import Foundation
import Hummingbird
package import Metadata

/// `/api/users`: list, show and delete users, their roles and what they have roles in (quetz-api.md §1.2).
struct UserController: Sendable {
  let services: Services

  func addRoutes(to router: Router<AppContext>) {
    router.get("api/users", use: list)
    router.get("api/paginated/users", use: page)
    router.get("api/users/:username", use: show)
    router.delete("api/users/:username", use: delete)
    router.get("api/users/:username/role", use: showRole)
    router.put("api/users/:username/role", use: setRole)
    router.get("api/users/:username/channels", use: channels)
    router.get("api/users/:username/packages", use: packages)
    router.get("api/paginated/users/:username/channels", use: channelPage)
    router.get("api/paginated/users/:username/packages", use: packagePage)
  }

  private func list(_ request: Request, _ context: AppContext) async throws -> Response {
    var query = QueryParameters(request.uri.query)
    let part = query.part("q")
    try query.validate()
    let only = try onlyVisible(context)
    let (rows, _) = try await services.metadata.users(matching: part, only: only)
    return try .json(rows.map(UserBody.init(row:)))
  }

  private func page(_ request: Request, _ context: AppContext) async throws -> Response {
    var query = QueryParameters(request.uri.query)
    let paging = Paging(&query)
    let part = query.part("q")
    try query.validate()
    let only = try onlyVisible(context)
    let (rows, total) = try await services.metadata.users(
      matching: part, only: only, skip: paging.skip, limit: paging.rowLimit)
    return try .json(paging.page(of: rows.map(UserBody.init(row:)), total: total))
  }

  /// The one user whom a listing may show; `nil` for all of them.
  private func onlyVisible(_ context: AppContext) throws -> UUID? {
    let user = try services.authorizer.require(.listUsers, for: context.principal)
    return services.authorizer.allows(.listAllUsers, for: context.principal) ? nil : user.user.id
  }

  private func show(_ request: Request, _ context: AppContext) async throws -> Response {
    let target = try await target(context)
    try require(.readUser, on: target, context)
    return try .json(UserBody(row: target))
  }

  /// Ends the account: profile, identities, memberships and keys go, and with the profile every session.
  private func delete(_ request: Request, _ context: AppContext) async throws -> Response {
    let target = try await target(context)
    try require(UserRules.deletion(of: target.role), on: target, context)
    try await services.metadata.deleteUser(id: target.id)
    return .null()
  }

  private func showRole(_ request: Request, _ context: AppContext) async throws -> Response {
    let target = try await target(context, needsProfile: false)
    try require(.readUserRole, on: target, context)
    return try .json(UserRoleBody(role: target.role?.rawValue))
  }

  private func setRole(_ request: Request, _ context: AppContext) async throws -> Response {
    var body = try await JSONBody(reading: request)
    let role = body.optionalRole("role")
    try body.validate()
    let target = try await target(context, needsProfile: false)
    try require(UserRules.roleChange(from: target.role, to: role), on: target, context)
    try await services.metadata.setRole(of: target.id, to: role)
    return .null()
  }

  private func channels(_ request: Request, _ context: AppContext) async throws -> Response {
    let target = try await target(context)
    try require(.readUserMemberships, on: target, context)
    let (rows, _) = try await services.metadata.channelRoles(of: target.id)
    return try .json(rows.map(ChannelRoleBody.init(row:)))
  }

  private func packages(_ request: Request, _ context: AppContext) async throws -> Response {
    let target = try await target(context)
    try require(.readUserMemberships, on: target, context)
    let (rows, _) = try await services.metadata.packageRoles(of: target.id)
    return try .json(rows.map(PackageRoleBody.init(row:)))
  }

  private func channelPage(_ request: Request, _ context: AppContext) async throws -> Response {
    let (target, paging) = try await targetAndPaging(request, context)
    let (rows, total) = try await services.metadata.channelRoles(
      of: target.id, skip: paging.skip, limit: paging.rowLimit)
    return try .json(paging.page(of: rows.map(ChannelRoleBody.init(row:)), total: total))
  }

  private func packagePage(_ request: Request, _ context: AppContext) async throws -> Response {
    let (target, paging) = try await targetAndPaging(request, context)
    let (rows, total) = try await services.metadata.packageRoles(
      of: target.id, skip: paging.skip, limit: paging.rowLimit)
    return try .json(paging.page(of: rows.map(PackageRoleBody.init(row:)), total: total))
  }

  private func targetAndPaging(_ request: Request, _ context: AppContext) async throws -> (UserRow, Paging) {
    var query = QueryParameters(request.uri.query)
    let paging = Paging(&query)
    try query.validate()
    let target = try await target(context)
    try require(.readUserMemberships, on: target, context)
    return (target, paging)
  }

  /// The user of the path; those who were deleted are there for their role only.
  private func target(_ context: AppContext, needsProfile: Bool = true) async throws -> UserRow {
    let username = try context.pathParameter("username")
    guard let user = try await services.metadata.user(named: username), user.hasProfile || !needsProfile
    else {
      throw APIError(.userNotFound, "User \(username) not found")
    }
    return user
  }

  private func require(_ action: Action, on target: UserRow, _ context: AppContext) throws {
    let isOwn = context.principal.user?.user.id == target.id
    try services.authorizer.require(action, for: context.principal, isOwn: isOwn)
  }
}

/// Which row of the permission table a change of an account is.
package enum UserRules {
  /// Both the old and the new role must be one's to give.
  package static func roleChange(from old: Role?, to new: Role?) -> Action {
    isPrivileged(old) || isPrivileged(new) ? .setPrivilegedRole : .setRole
  }

  package static func deletion(of role: Role?) -> Action {
    isPrivileged(role) ? .deletePrivilegedUser : .deleteUser
  }

  private static func isPrivileged(_ role: Role?) -> Bool { role == .owner || role == .maintainer }
}

extension UserBody {
  init(row: UserRow) {
    self.init(
      id: row.id.uuidString.lowercased(), username: row.username ?? "",
      profile: ProfileSummaryBody(name: row.name, avatarURL: row.avatarURL ?? ""))
  }
}

extension MemberBody {
  init(_ member: (user: UserRow, role: Role)) {
    self.init(role: member.role.rawValue, user: UserBody(row: member.user))
  }
}

extension ChannelRoleBody {
  init(row: KeyRole) {
    self.init(name: row.channel, role: row.role.rawValue)
  }
}

extension PackageRoleBody {
  init(row: KeyRole) {
    self.init(name: row.package ?? "", channelName: row.channel, role: row.role.rawValue)
  }
}
