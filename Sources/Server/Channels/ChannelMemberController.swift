import APITypes
import CondaTypes
import Hummingbird
import Metadata

/// `/api/channels/{c}/members`: list, add or replace, and remove (quetz-api.md §1.4).
struct ChannelMemberController: Sendable {
  let services: Services

  func addRoutes(to router: Router<AppContext>) {
    router.get("api/channels/:channel/members", use: list)
    router.post("api/channels/:channel/members", use: add)
    router.delete("api/channels/:channel/members", use: remove)
  }

  private func list(_ request: Request, _ context: AppContext) async throws -> Response {
    let channel = try await channel(context)
    try await services.authorizer.require(.listMembers, on: channel, for: context.principal)
    return try .json(try await services.metadata.channelMembers(channel.id).map { MemberBody($0) })
  }

  /// Gives a role, in place of the one there may be.
  private func add(_ request: Request, _ context: AppContext) async throws -> Response {
    var body = try await JSONBody(reading: request)
    let channel = try await channel(context)
    let member = NewMemberFields(reading: &body)
    try body.validate()
    let user = try await services.activeUser(member.username)
    try await services.authorizer.require(.changeMembers, on: channel, for: context.principal)
    try await services.metadata.setChannelMember(channelID: channel.id, userID: user.id, role: member.role)
    return .null(status: .created)
  }

  private func remove(_ request: Request, _ context: AppContext) async throws -> Response {
    let channel = try await channel(context)
    var query = QueryParameters(request.uri.query)
    let username = query.required("username")
    try query.validate()
    let user = try await services.activeUser(username)
    try await services.authorizer.require(.changeMembers, on: channel, for: context.principal)
    do {
      try await services.metadata.removeChannelMember(channelID: channel.id, userID: user.id)
    } catch {
      throw error.kind == .notFound
        ? APIError(.memberNotFound, "user \(username) is not a member of channel \(channel.name)") : error
    }
    return .null()
  }

  private func channel(_ context: AppContext) async throws -> ChannelRow {
    try await services.channels.readable(
      context.pathParameter("channel"), by: context.principal, refusing: [.proxy])
  }
}

/// The body of `POST …/members`.
struct NewMemberFields {
  let username: String
  let role: Role

  init(reading body: inout JSONBody) {
    username = body.requiredString("username")
    role = body.requiredRole("role")
  }
}

extension Services {
  /// The user of that name, unless the account was ended.
  ///
  /// - Throws: 404 `user … not found`.
  func activeUser(_ username: String) async throws -> UserRow {
    guard let user = try await metadata.user(named: username), user.hasProfile else {
      throw APIError(.userNotFound, "user \(username) not found")
    }
    return user
  }
}
