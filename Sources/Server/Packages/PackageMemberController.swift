import APITypes
import CondaTypes
import Hummingbird
import Metadata

/// `/api/channels/{c}/packages/{p}/members`: list and add (quetz-api.md §1.5).
struct PackageMemberController: Sendable {
  let services: Services

  func addRoutes(to router: Router<AppContext>) {
    router.get("api/channels/:channel/packages/:package/members", use: list)
    router.post("api/channels/:channel/packages/:package/members", use: add)
  }

  private func list(_ request: Request, _ context: AppContext) async throws -> Response {
    let (_, package) = try await services.readablePackage(context)
    return try .json(try await services.metadata.packageMembers(package.id).map { MemberBody($0) })
  }

  /// Gives a role; unlike a channel's, a package's member cannot be added twice.
  private func add(_ request: Request, _ context: AppContext) async throws -> Response {
    var body = try await JSONBody(reading: request)
    let (channel, package) = try await services.readablePackage(context)
    let member = NewMemberFields(reading: &body)
    try body.validate()
    try await services.authorizer.require(
      .addPackageMember, on: channel, package: package.name, for: context.principal)
    let user = try await services.activeUser(member.username)
    do {
      try await services.metadata.addPackageMember(
        packageID: package.id, userID: user.id, role: member.role)
    } catch {
      throw error.kind.isConflict
        ? APIError(.memberExists, "Member \(member.username) in \(channel.name)/\(package.name) exists")
        : error
    }
    return .null(status: .created)
  }
}
