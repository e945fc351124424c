import APITypes
import CondaTypes
import Hummingbird
import Metadata

/// `POST` and `DELETE …/packages/{p}/versions/{subdir}/{filename}/yank`: out of the index and back (ours).
struct YankController: Sendable {
  /// Characters of a reason; it is shown on a line of a page.
  static let maxReason = 1000

  let services: Services

  func addRoutes(to router: Router<AppContext>) {
    let path: RouterPath = "api/channels/:channel/packages/:package/versions/:platform/:filename/yank"
    router.post(path, use: yank)
    router.delete(path, use: unyank)
  }

  private func yank(_ request: Request, _ context: AppContext) async throws -> Response {
    var body = try await JSONBody(reading: request)
    let (channel, artifact) = try await services.readableArtifact(context)
    let reason = body.requiredString("reason", maxLength: Self.maxReason)
    if body["reason"] != nil, reason.allSatisfy(\.isWhitespace), body.issues.isEmpty {
      body.note(
        "string_too_short", "reason", "String should have at least 1 character", context: ["min_length": 1])
    }
    try body.validate()
    try await require(channel, artifact, context)
    let row = try await services.metadata.yankArtifact(
      channelID: channel.id, subdir: artifact.subdir, fileName: artifact.fileName, reason: reason,
      now: services.now())
    return try await follow(row, channel)
  }

  private func unyank(_ request: Request, _ context: AppContext) async throws -> Response {
    let (channel, artifact) = try await services.readableArtifact(context)
    try await require(channel, artifact, context)
    let row = try await services.metadata.unyankArtifact(
      channelID: channel.id, subdir: artifact.subdir, fileName: artifact.fileName)
    return try await follow(row, channel)
  }

  private func require(_ channel: ChannelRow, _ artifact: ArtifactRow, _ context: AppContext) async throws {
    try await services.authorizer.require(
      .yankVersion, on: channel, package: artifact.packageName, for: context.principal)
  }

  private func follow(_ artifact: ArtifactRow, _ channel: ChannelRow) async throws -> Response {
    try await services.followChange(of: channel, subdirs: [artifact.subdir])
    return try .json(VersionController.body(artifact, channel))
  }
}
