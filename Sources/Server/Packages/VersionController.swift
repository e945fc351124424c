import APITypes
import CondaTypes
import Foundation
import HTTPTypes
import Hummingbird
import Metadata

/// `/api/channels/{c}/packages/{p}/versions`: list, show and delete artifacts (quetz-api.md §1.5).
struct VersionController: Sendable {
  let services: Services

  func addRoutes(to router: Router<AppContext>) {
    router.get("api/channels/:channel/packages/:package/versions", use: list)
    router.get("api/paginated/channels/:channel/packages/:package/versions", use: page)
    router.get("api/channels/:channel/packages/:package/versions/:platform/:filename", use: show)
    router.delete("api/channels/:channel/packages/:package/versions/:platform/:filename", use: delete)
  }

  private func list(_ request: Request, _ context: AppContext) async throws -> Response {
    let (channel, package) = try await services.readablePackage(context)
    var query = QueryParameters(request.uri.query)
    let start = query.time("time_created__ge")
    let spec = query.versionSpec("version_match_str")
    try query.validate()
    return try .json(
      try await newestFirst(package, since: start, matching: spec).map { Self.body($0, channel) })
  }

  private func page(_ request: Request, _ context: AppContext) async throws -> Response {
    let (channel, package) = try await services.readablePackage(context)
    var query = QueryParameters(request.uri.query)
    let start = query.time("time_created__ge")
    let paging = Paging(&query)
    let spec = query.versionSpec("version_match_str")
    try query.validate()
    let all = try await newestFirst(package, since: start, matching: spec)
    let rest = all.dropFirst(paging.skip)
    let rows = paging.rowLimit.map { rest.prefix($0) } ?? rest
    return try .json(paging.page(of: rows.map { Self.body($0, channel) }, total: all.count))
  }

  /// The versions that the spec wants (`nil`: all), newest version first, then build number, then file name, so
  /// that the order is total.
  private func newestFirst(
    _ package: PackageRow, since start: Date?, matching spec: VersionSpec?
  ) async throws -> [ArtifactRow] {
    let rows = try await services.metadata.artifacts(
      channelID: package.channelID, packageName: package.name, createdAtOrAfter: start)
    let wanted = spec.map { spec in rows.filter { spec.matches($0.version) } } ?? rows
    let keyed = wanted.map { (row: $0, version: try? Version(parsing: $0.version)) }
    return keyed.sorted { first, second in
      if let left = first.version, let right = second.version, left != right { return left > right }
      if first.row.buildNumber != second.row.buildNumber {
        return first.row.buildNumber > second.row.buildNumber
      }
      return (first.row.subdir, first.row.fileName) < (second.row.subdir, second.row.fileName)
    }.map(\.row)
  }

  private func show(_ request: Request, _ context: AppContext) async throws -> Response {
    let (channel, artifact) = try await services.readableArtifact(context)
    return try .json(Self.body(artifact, channel))
  }

  private func delete(_ request: Request, _ context: AppContext) async throws -> Response {
    let (channel, artifact) = try await services.readableArtifact(context) { _, _ in
      "Package version not found"
    }
    try await services.authorizer.require(
      .deleteVersion, on: channel, package: artifact.packageName, for: context.principal)
    try await DeleteArtifact(services: services).delete(artifact, in: channel)
    return .null()
  }

  static func body(_ row: ArtifactRow, _ channel: ChannelRow) -> PackageVersionBody {
    PackageVersionBody(
      id: row.id.uuidString.lowercased(), channelName: channel.name, packageName: row.packageName,
      platform: row.subdir, version: row.version, buildString: row.build, buildNumber: row.buildNumber,
      filename: row.fileName, info: (try? JSONValue(parsing: Array(row.info.utf8))) ?? .object([:]),
      uploader: ProfileSummaryBody(name: row.uploaderName, avatarURL: row.uploaderAvatarURL ?? ""),
      timeCreated: Timestamp.naive(row.timeCreated), downloadCount: row.downloadCount,
      yankReason: row.yank?.reason)
  }
}
