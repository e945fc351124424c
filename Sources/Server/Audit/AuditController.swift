import APITypes
import CondaTypes
import Foundation
import Hummingbird
import Metadata

/// `GET /api/audit`: who did what, when, from where, with which key.
///
/// All of it for owners of the server; with `channel=`, that channel's lines for its owners. Filters: `action` (exact, or a
/// kind that ends in a dot), `user`, `key`, `since`, `until`; pages as everywhere.
struct AuditController: Sendable {
  let services: Services

  func addRoutes(to router: Router<AppContext>) { router.get("api/audit", use: page) }

  private func page(_ request: Request, _ context: AppContext) async throws -> Response {
    var query = QueryParameters(request.uri.query)
    let paging = Paging(&query)
    var filter = AuditFilter()
    filter.action = query.text("action")
    filter.since = query.time("since")
    filter.until = query.time("until")
    filter.keyID = query.uuid("key")
    try await limit(&filter, to: query.text("channel"), context.principal)
    try query.validate()
    if let name = query.text("user") {
      guard let user = try await services.metadata.user(named: name) else {
        throw APIError(.userNotFound, "User \(name) not found")
      }
      filter.actorID = user.id
    }
    let (rows, total) = try await services.metadata.audit(filter, skip: paging.skip, limit: paging.rowLimit)
    return try .json(paging.page(of: rows.map(Self.body), total: total))
  }

  /// Asks for the right. Owners of the server see former channels of the name as well; owners of the channel do not.
  private func limit(
    _ filter: inout AuditFilter, to channelName: String?, _ principal: Principal
  ) async throws {
    guard let channelName else {
      try services.authorizer.require(.readServerAudit, for: principal)
      return
    }
    if services.authorizer.allows(.readServerAudit, for: principal) {
      filter.channelName = channelName
      return
    }
    let channel = try await services.channels.existing(channelName)
    try await services.authorizer.require(.readChannelAudit, on: channel, for: principal)
    filter.channelID = channel.id
  }

  private static func body(_ row: AuditRow) -> AuditEntryBody {
    AuditEntryBody(
      id: row.id, time: Timestamp.naive(row.entry.time), action: row.entry.action,
      actor: row.actorName, actorID: row.entry.actorID?.uuidString.lowercased(),
      channel: row.channelName, subject: row.entry.subject,
      detail: row.entry.detail.flatMap { try? JSONValue(parsing: Array($0.utf8)) } ?? .null,
      key: row.keyID?.uuidString.lowercased(), address: row.address)
  }
}
