import APITypes
import CondaTypes
import Hummingbird
import Metadata

/// `/api/packages/search/` and `/api/channels/search/` (quetz-api.md §1.3, §1.5).
struct SearchController: Sendable {
  let services: Services

  func addRoutes(to router: Router<AppContext>) {
    router.get("api/packages/search", use: searchPackages)
  }

  private func searchPackages(_ request: Request, _ context: AppContext) async throws -> Response {
    try await services.anonymousAnswers.answer(request, context) {
      let syntax = try SearchSyntax(
        parsing: Self.query(request), keys: [.channel, .description, .summary, .platform])
      return try await services.metadata.searchPackages(
        syntax.filters, visibleTo: Self.visibility(context.principal)
      ).map { found in
        PackageSearchBody(package: PackageController.body(found.package), channelName: found.channelName)
      }
    }
  }

  /// Whether `GET /api/channels/search` is the search: a channel may be called so, and then has the path without a slash
  /// at the end.
  func isSearch(_ request: Request, _ name: String) async throws -> Bool {
    guard name == "search" else { return false }
    if request.uri.path.hasSuffix("/") { return true }
    return try await services.metadata.channel(named: name) == nil
  }

  func searchChannels(_ request: Request, _ context: AppContext) async throws -> Response {
    try await services.anonymousAnswers.answer(request, context) {
      let syntax = try SearchSyntax(
        parsing: Self.query(request), keys: [.description], knowsPrivate: true)
      return try await services.metadata.searchChannels(
        syntax.filters, isPrivate: syntax.isPrivate, visibleTo: Self.visibility(context.principal)
      ).map { row in
        ChannelSearchBody(name: row.name, description: row.description, isPrivate: row.isPrivate)
      }
    }
  }

  /// `q`, which upstream's clients encode twice.
  private static func query(_ request: Request) throws -> String {
    var query = QueryParameters(request.uri.query)
    let text = query.required("q")
    try query.validate()
    return PercentEncoding.decode(text) ?? text
  }

  /// Public channels and those one is a member of; elevated users see no more.
  private static func visibility(_ principal: Principal) -> ChannelVisibility {
    principal.user.map { .publicAndMember($0.user.id) } ?? .publicOnly
  }
}
