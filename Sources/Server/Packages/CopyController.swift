import APITypes
import CondaTypes
import HTTPTypes
import Hummingbird
import Metadata

/// `POST /api/channels/{c}/packages/copy` (quetz-api.md §1.5), and our own
/// `POST …/packages/{p}/versions/{subdir}/{filename}/restore`.
struct CopyController: Sendable {
  let services: Services

  func addRoutes(to router: Router<AppContext>) {
    // Not the word itself: a route of its own would hide the package of that name from the other methods.
    router.post("api/channels/:channel/packages/:package", use: copy)
    router.post(
      "api/channels/:channel/packages/:package/versions/:platform/:filename/restore", use: restore)
  }

  /// Checks in upstream's order: target, query, login, source, quota, role, conflict.
  private func copy(_ request: Request, _ context: AppContext) async throws -> Response {
    guard try context.pathParameter("package") == "copy" else {
      throw APIError(.methodNotAllowed, "Method Not Allowed", headers: [.allow: "DELETE, GET"])
    }
    let target = try await services.channels.readable(
      context.pathParameter("channel"), by: context.principal, refusing: [.proxy, .mirror])
    var query = QueryParameters(request.uri.query)
    let sourceName = query.required("source_channel")
    let packageName = query.required("source_package")
    let subdir = query.required("subdir")
    let fileName = query.required("filename")
    try query.validate()
    let user = try context.principal.requireSignedIn()
    let source = try await services.channels.readable(sourceName, by: context.principal)
    guard try await services.metadata.package(channelID: source.id, named: packageName) != nil else {
      throw APIError.packageNotFound(sourceName, packageName)
    }
    let found = try await services.metadata.artifactTemplate(
      channelID: source.id, packageName: packageName, subdir: subdir, fileName: fileName)
    guard var template = found else {
      throw APIError(.packageVersionNotFound, "package version \(subdir)/\(fileName) not found")
    }
    // What the source says against it is not said by the target.
    template.artifact.yank = nil
    try CopyArtifact.requireQuota(of: target, for: template.artifact.size)
    try await services.authorizer.require(.copyIntoChannel, on: target, for: context.principal)
    _ = try await CopyArtifact(services: services).publish(template, in: target, by: user)
    return .null(status: .created)
  }

  /// Brings back the artifact that was deleted last from under a name, while it is kept (`storage.soft_delete_package`).
  private func restore(_ request: Request, _ context: AppContext) async throws -> Response {
    let channel = try await services.channels.readable(
      context.pathParameter("channel"), by: context.principal, refusing: [.proxy, .mirror])
    let (subdir, fileName) = (try context.pathParameter("platform"), try context.pathParameter("filename"))
    let packageName = try context.pathParameter("package")
    let user = try context.principal.requireSignedIn()
    try await services.authorizer.require(.copyIntoChannel, on: channel, for: context.principal)
    let found = try await services.metadata.deletedArtifact(
      channelID: channel.id, subdir: subdir, fileName: fileName)
    guard let template = found, template.artifact.packageName == packageName else {
      throw APIError(.packageVersionNotFound, "Package version not found")
    }
    let id = try await CopyArtifact(services: services).publish(template, in: channel, by: user)
    try await services.metadata.finishRestoring(
      template, as: id, actor: user.owner.id, now: services.now())
    return .null(status: .created)
  }
}
