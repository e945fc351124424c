import APITypes
import CondaTypes
import HTTPTypes
import Hummingbird
import Metadata

/// `/api/channels`: list, create, show, change and delete (quetz-api.md §1.3).
struct ChannelController: Sendable {
  let services: Services

  func addRoutes(to router: Router<AppContext>) {
    router.get("api/channels", use: list)
    router.get("api/paginated/channels", use: page)
    router.post("api/channels", use: create)
    router.get("api/channels/:channel", use: show)
    router.patch("api/channels/:channel", use: change)
    router.delete("api/channels/:channel", use: delete)
  }

  private func list(_ request: Request, _ context: AppContext) async throws -> Response {
    try await services.anonymousAnswers.answer(request, context) {
      var query = QueryParameters(request.uri.query)
      let visibility = Self.visibility(&query, context.principal)
      let part = query.part("q")
      try query.validate()
      let (rows, _) = try await services.metadata.channels(
        visibleTo: visibility, matching: part, skip: 0, limit: nil)
      return rows.map(Self.body)
    }
  }

  private func page(_ request: Request, _ context: AppContext) async throws -> Response {
    try await services.anonymousAnswers.answer(request, context) {
      var query = QueryParameters(request.uri.query)
      let visibility = Self.visibility(&query, context.principal)
      let paging = Paging(&query)
      let part = query.part("q")
      try query.validate()
      let (rows, total) = try await services.metadata.channels(
        visibleTo: visibility, matching: part, skip: paging.skip, limit: paging.rowLimit)
      return paging.page(of: rows.map(Self.body), total: total)
    }
  }

  /// Elevated users get no extra rows here, as upstream.
  private static func visibility(_ query: inout QueryParameters, _ principal: Principal) -> ChannelVisibility
  {
    let includesPublic = query.bool("public", default: true)
    guard let user = principal.user else { return .publicOnly }
    return includesPublic ? .publicAndMember(user.user.id) : .memberOnly(user.user.id)
  }

  private func show(_ request: Request, _ context: AppContext) async throws -> Response {
    let name = try context.pathParameter("channel")
    let search = SearchController(services: services)
    if try await search.isSearch(request, name) { return try await search.searchChannels(request, context) }
    let channel = try await services.channels.readable(name, by: context.principal)
    guard let summary = try await services.metadata.channelSummary(id: channel.id) else {
      throw APIError.channelNotFound(channel.name)
    }
    return try .json(Self.body(summary))
  }

  private func change(_ request: Request, _ context: AppContext) async throws -> Response {
    var body = try await JSONBody(reading: request)
    let channel = try await services.channels.readable(
      context.pathParameter("channel"), by: context.principal, refusing: [.proxy])
    let changes = ChannelChanges(reading: &body)
    try body.validate()
    try await services.authorizer.require(.updateChannel, on: channel, for: context.principal)
    if changes.setsSizeLimit { try services.authorizer.require(.setSizeLimit, for: context.principal) }
    try changes.requireChangeable()
    let changed = try await services.channels.change(channel, by: changes)
    return try .json(
      ChannelBaseBody(
        name: changed.name, description: changed.description, isPrivate: changed.isPrivate,
        sizeLimit: changed.sizeLimit, ttl: changed.ttl, mirrorChannelURL: changed.mirrorChannelURL,
        mirrorMode: changed.mirrorMode))
  }

  private func delete(_ request: Request, _ context: AppContext) async throws -> Response {
    let channel = try await services.channels.existing(context.pathParameter("channel"))
    try await services.authorizer.require(.deleteChannel, on: channel, for: context.principal)
    try await services.channels.delete(channel)
    return .null()
  }

  private func create(_ request: Request, _ context: AppContext) async throws -> Response {
    var body = try await JSONBody(reading: request)
    var query = QueryParameters(request.uri.query)
    let new = NewChannelFields(reading: &body)
    let wantsRegistration = query.bool("register_mirror", default: false)
    try query.validate()
    try body.validate()
    let user = try context.principal.requireSignedIn()
    if try await services.metadata.channel(named: new.name) != nil {
      throw APIError(.channelExists, "Channel \(new.name) exists")
    }
    try services.authorizer.requireServerRole(
      for: new.mirrorMode == nil ? .createChannel : .createMirrorChannel, user)
    try new.lists.requireAgreement()
    if new.setsSizeLimit { try services.authorizer.require(.setSizeLimit, for: context.principal) }
    try new.validateName()
    try requireFollowable(new, wantsRegistration: wantsRegistration)
    // Before the channel is there, unlike upstream, which leaves it behind when it refuses an action.
    for action in new.actions { try action.requireAllowed(on: new.mirrorMode, channel: new.name) }
    try await services.jobs.requireRoom(for: new.actions, user)
    let quota = new.setsSizeLimit ? new.sizeLimit : services.configuration.quotas.channelQuota?.bytes
    let channel = try await services.channels.create(new.channel(sizeLimit: quota), owner: user.user.id)
    for action in new.actions {
      _ = try await services.jobs.request(action, on: channel, by: user)
    }
    return .null(status: .created)
  }

  /// - Throws: 422 if the channel to follow is on an internal host, or if the other server should be told.
  private func requireFollowable(_ new: NewChannelFields, wantsRegistration: Bool) throws {
    if let url = new.mirrorURL, !services.configuration.mirroring.allowsInternalHosts {
      try OutboundURL.requireExternal(url)
    }
    if wantsRegistration, new.mirrorMode == .mirror {
      throw APIError.validation([
        ValidationIssue(
          type: "not_supported", location: ["query", "register_mirror"],
          message: "this version does not register itself with other servers", input: .string("true"))
      ])
    }
  }

  static func body(_ summary: ChannelSummary) -> ChannelBody {
    let channel = summary.channel
    return ChannelBody(
      name: channel.name, description: channel.description, isPrivate: channel.isPrivate,
      sizeLimit: channel.sizeLimit, ttl: channel.ttl, mirrorChannelURL: channel.mirrorChannelURL,
      mirrorMode: channel.mirrorMode, membersCount: summary.membersCount,
      packagesCount: summary.packagesCount)
  }
}

extension Paging {
  /// The page in upstream's shape; `limit` is repeated as asked for.
  func page<Item: Codable & Sendable>(of items: [Item], total: Int) -> Page<Item> {
    Page(pagination: .init(skip: skip, limit: limit, allRecordsCount: total), result: items)
  }
}
