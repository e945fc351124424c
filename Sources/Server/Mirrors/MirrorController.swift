import APITypes
import CondaTypes
import Foundation
import Hummingbird
import Metadata

/// `/api/channels/{c}/mirrors`: the servers that mirror a channel (quetz-api.md §1.4).
///
/// These are records. Registering judges the URLs and does not connect to them; see `docs/API.md`.
struct MirrorController: Sendable {
  let services: Services

  func addRoutes(to router: Router<AppContext>) {
    router.get("api/channels/:channel/mirrors", use: list)
    router.post("api/channels/:channel/mirrors", use: register)
    router.delete("api/channels/:channel/mirrors/:mirror", use: unregister)
  }

  private func list(_ request: Request, _ context: AppContext) async throws -> Response {
    let channel = try await channel(context)
    let rows = try await services.metadata.mirrors(channelID: channel.id)
    return try .json(
      rows.map { row in
        ChannelMirrorBody(
          id: row.id.uuidString.lowercased(), url: row.url, apiEndpoint: row.apiEndpoint,
          metricsEndpoint: row.metricsEndpoint)
      })
  }

  private func register(_ request: Request, _ context: AppContext) async throws -> Response {
    var body = try await JSONBody(reading: request)
    let channel = try await channel(context)
    let url = body.requiredURL("url")
    // Upstream's rule: a mirror serves `…/get/<channel>`.
    let api = body.optionalURL("api_endpoint") ?? url.replacing("get", with: "api/channels")
    let metrics = body.optionalURL("metrics_endpoint") ?? url.replacing("get", with: "metrics/channels")
    try body.validate()
    try await services.authorizer.require(.changeMirrors, on: channel, for: context.principal)
    if !services.configuration.mirroring.allowsInternalHosts {
      for url in [url, api, metrics] { try OutboundURL.requireExternal(url) }
    }
    do {
      try await services.metadata.addMirror(
        MirrorRow(
          id: UUID(), channelID: channel.id, url: url, apiEndpoint: api, metricsEndpoint: metrics,
          createdAt: services.now()))
    } catch {
      throw error.kind.isConflict ? APIError(.mirrorExists, "Mirror \(url) exists") : error
    }
    return .null(status: .created)
  }

  /// Repeatable: a mirror that is not there is gone.
  private func unregister(_ request: Request, _ context: AppContext) async throws -> Response {
    let channel = try await channel(context)
    let text = try context.pathParameter("mirror")
    guard let id = UUID(uuidString: text) else {
      throw APIError.validation([
        ValidationIssue(
          type: "uuid_parsing", location: ["path", "mirror_id"],
          message: "Input should be a valid UUID", input: .string(text))
      ])
    }
    try await services.authorizer.require(.changeMirrors, on: channel, for: context.principal)
    try await services.metadata.removeMirror(id: id, channelID: channel.id)
    return .null()
  }

  private func channel(_ context: AppContext) async throws -> ChannelRow {
    try await services.channels.readable(
      context.pathParameter("channel"), by: context.principal, refusing: [.proxy])
  }
}
