import APITypes
import CondaTypes
import Foundation
import Hummingbird
import Metadata

/// What a channel tells its clients beside its packages (ours): `/api/channels/{c}/notices`, `…/relations`, `…/index`.
struct NewsController: Sendable {
  /// Notices of a channel; clients read a megabyte at most.
  static let maxNotices = 50
  /// Characters of a notice: CEP 6 thinks of a short message.
  static let maxMessage = 1000

  private enum Level: String, CaseIterable { case info, warning, critical }

  let services: Services

  func addRoutes(to router: Router<AppContext>) {
    router.get("api/channels/:channel/notices", use: listNotices)
    router.post("api/channels/:channel/notices", use: addNotice)
    router.delete("api/channels/:channel/notices/:notice", use: removeNotice)
    router.get("api/channels/:channel/relations", use: showRelations)
    router.put("api/channels/:channel/relations", use: setRelations)
    router.get("api/channels/:channel/index", use: showIndex)
  }

  private func listNotices(_ request: Request, _ context: AppContext) async throws -> Response {
    let channel = try await channel(context)
    return try .json(try await services.metadata.notices(channelID: channel.id).map(NoticeBody.init))
  }

  private func addNotice(_ request: Request, _ context: AppContext) async throws -> Response {
    var body = try await JSONBody(reading: request)
    let channel = try await channel(context)
    let message = body.requiredString("message", maxLength: Self.maxMessage)
    if body["message"]?.asString?.allSatisfy(\.isWhitespace) == true {
      body.note(
        "string_too_short", "message", "String should have at least 1 character", context: ["min_length": 1])
    }
    let level = body.optionalChoice("level", Level.self)
    let expiresAt = body.optionalTime("expires_at")
    if !body.has("expires_at") || body["expires_at"] == .null {
      body.note("missing", "expires_at", "Field required")
    }
    let now = services.now()
    if let expiresAt, expiresAt <= now {
      body.note("datetime_future", "expires_at", "Input should be in the future")
    }
    try body.validate()
    try await services.authorizer.require(.changeNotices, on: channel, for: context.principal)
    let notice = ChannelNotice(
      id: UUID().uuidString.lowercased(), message: message, level: (level ?? .info).rawValue, createdAt: now,
      expiresAt: expiresAt ?? now)
    do {
      try await services.metadata.addNotice(notice, channelID: channel.id, limit: Self.maxNotices)
    } catch {
      guard error.kind == .constraint else { throw error }
      throw APIError(.tooManyNotices, "a channel has \(Self.maxNotices) notices at most")
    }
    try await services.followChange(of: channel, subdirs: [])
    return try .json(NoticeBody(notice), status: .created)
  }

  /// Repeatable: a notice that is not there is gone.
  private func removeNotice(_ request: Request, _ context: AppContext) async throws -> Response {
    let channel = try await channel(context)
    try await services.authorizer.require(.changeNotices, on: channel, for: context.principal)
    try await services.metadata.removeNotice(id: context.pathParameter("notice"), channelID: channel.id)
    try await services.followChange(of: channel, subdirs: [])
    return .null()
  }

  private func showRelations(_ request: Request, _ context: AppContext) async throws -> Response {
    let channel = try await channel(context)
    let relations = try await services.metadata.relations(channelID: channel.id)
    return try .json(RelationsBody(base: relations.base, overrides: relations.overrides))
  }

  private func setRelations(_ request: Request, _ context: AppContext) async throws -> Response {
    var body = try await JSONBody(reading: request)
    let channel = try await channel(context)
    let base = body.optionalString("base")
    let overrides = body.optionalString("overrides")
    try body.validate()
    let relations: ChannelRelations
    do {
      relations = try ChannelRelations(base: base, overrides: overrides, of: channel.name)
    } catch {
      body.note("value_error", base == nil ? "overrides" : "base", "Value error, \(error)")
      throw APIError.validation(body.issues)
    }
    try await services.authorizer.require(.changeRelations, on: channel, for: context.principal)
    try await services.metadata.setRelations(relations, channelID: channel.id)
    let subdirs = try await services.metadata.subdirs(channelID: channel.id)
    try await services.followChange(of: channel, subdirs: subdirs)
    return try .json(RelationsBody(base: relations.base, overrides: relations.overrides))
  }

  private func showIndex(_ request: Request, _ context: AppContext) async throws -> Response {
    let channel = try await channel(context)
    let states = try await services.metadata.subdirStates(channelID: channel.id)
    let last = services.freshness.last(channelID: channel.id)
    return try .json(
      IndexStateBody(
        subdirs: states.map {
          .init(
            subdir: $0.subdir, generation: $0.generation, documentsGeneration: $0.documentsGeneration)
        }, uploadToShards: last?.toShards, uploadToRepodata: last?.toRepodata))
  }

  private func channel(_ context: AppContext) async throws -> ChannelRow {
    try await services.channels.readable(
      context.pathParameter("channel"), by: context.principal, refusing: [.proxy])
  }
}
