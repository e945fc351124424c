import APITypes
import CondaTypes
import HTTPTypes
import Hummingbird
import Metadata

/// `/api/channels/{c}/packages`: list, show, create and delete (quetz-api.md §1.5).
struct PackageController: Sendable {
  let services: Services

  func addRoutes(to router: Router<AppContext>) {
    router.get("api/channels/:channel/packages", use: list)
    router.get("api/paginated/channels/:channel/packages", use: page)
    router.post("api/channels/:channel/packages", use: create)
    router.get("api/channels/:channel/packages/:package", use: show)
    router.delete("api/channels/:channel/packages/:package", use: delete)
  }

  private func list(_ request: Request, _ context: AppContext) async throws -> Response {
    var query = QueryParameters(request.uri.query)
    let channel = try await services.channels.readable(
      context.pathParameter("channel"), by: context.principal, refusing: [.proxy])
    let part = query.part("q")
    try query.validate()
    let (rows, _) = try await services.metadata.packages(
      channelID: channel.id, matching: part, orderBy: [], skip: 0, limit: nil)
    return try .json(rows.map(Self.body))
  }

  private func page(_ request: Request, _ context: AppContext) async throws -> Response {
    var query = QueryParameters(request.uri.query)
    let channel = try await services.channels.readable(
      context.pathParameter("channel"), by: context.principal, refusing: [.proxy])
    let paging = Paging(&query)
    let part = query.part("q")
    try query.validate()
    let (rows, total) = try await services.metadata.packages(
      channelID: channel.id, matching: part, orderBy: Self.order(query.text("order_by")),
      skip: paging.skip, limit: paging.rowLimit)
    return try .json(paging.page(of: rows.map(Self.body), total: total))
  }

  /// `field[:asc|:desc]`, comma-separated; without a direction descending, as upstream; unknown fields ignored, and so is
  /// a field that was named before.
  private static func order(_ text: String?) -> [PackageOrder] {
    var order: [PackageOrder] = []
    for part in (text ?? "").split(separator: ",") {
      let words = part.split(separator: ":")
      guard let field = words.first.flatMap({ Self.orderFields[String($0)] }),
        !order.contains(where: { $0.field == field })
      else { continue }
      order.append(PackageOrder(field, isAscending: words.count > 1 && words[1].lowercased() == "asc"))
    }
    return order
  }

  private static let orderFields: [String: PackageOrder.Field] = [
    "name": .name, "latest_change": .latestChange, "current_version": .currentVersion,
  ]

  private func create(_ request: Request, _ context: AppContext) async throws -> Response {
    var body = try await JSONBody(reading: request)
    let channel = try await services.channels.readable(
      context.pathParameter("channel"), by: context.principal, refusing: [.proxy, .mirror])
    let name = Self.name(&body)
    let summary = body.optionalString("summary")
    let description = body.optionalString("description")
    try body.validate()
    try await services.authorizer.require(.createPackage, on: channel, for: context.principal)
    let user = try context.principal.requireSignedIn()
    do {
      _ = try await services.metadata.createPackage(
        channelID: channel.id, name: name, summary: summary, description: description,
        owner: user.owner.id, now: services.now())
    } catch {
      throw error.kind.isConflict
        ? APIError(.packageExists, "Package \(channel.name)/\(name) exists") : error
    }
    return .null(status: .created)
  }

  /// Upstream's pattern in upstream's words; what CEP 26 rules out beyond it in ours.
  private static func name(_ body: inout JSONBody) -> String {
    let text = body.requiredString("name", maxLength: 1500)
    guard body["name"]?.asString != nil else { return text }
    guard text.wholeMatch(of: #/[a-z0-9\-_\.]*/#) != nil else {
      body.note(
        "string_pattern_mismatch", "name", "String should match pattern '\(namePattern)'",
        context: ["pattern": .string(namePattern)])
      return text
    }
    do throws(ParseError) {
      guard try PackageName(parsing: text).value == text else {
        throw ParseError(subject: "package name", found: text, expected: "lower-case letters only")
      }
    } catch {
      body.note("value_error", "name", "Value error, \(error.description)")
    }
    return text
  }

  private static let namePattern = #"^[a-z0-9-_\.]*$"#

  private func show(_ request: Request, _ context: AppContext) async throws -> Response {
    let (_, package) = try await services.readablePackage(context)
    return try .json(Self.body(package))
  }

  private func delete(_ request: Request, _ context: AppContext) async throws -> Response {
    let (channel, package) = try await services.existingPackage(context)
    try await services.authorizer.require(
      .deletePackage, on: channel, package: package.name, for: context.principal)
    try await DeleteArtifact(services: services).deletePackage(package, in: channel)
    return .null()
  }

  static func body(_ row: PackageRow) -> PackageBody {
    PackageBody(
      name: row.name, summary: row.summary, description: row.description, url: row.url,
      platforms: row.platforms, currentVersion: row.currentVersion,
      latestChange: row.latestChange.map(Timestamp.naive))
  }
}

extension Services {
  /// The channel and package of a route's path, if this principal may read the package.
  func readablePackage(_ context: AppContext) async throws -> (ChannelRow, PackageRow) {
    let (channel, package) = try await existingPackage(context)
    try await authorizer.require(.readPackage, on: channel, package: package.name, for: context.principal)
    return (channel, package)
  }

  /// The channel and artifact of a route's path, if this principal may read the package.
  ///
  /// - Parameter detail: What the 404 for a missing artifact says, from its subdir and file name.
  func readableArtifact(
    _ context: AppContext,
    missing detail: (String, String) -> String = { "package version \($0)/\($1) not found" }
  ) async throws -> (ChannelRow, ArtifactRow) {
    let (channel, package) = try await readablePackage(context)
    let (subdir, fileName) = (try context.pathParameter("platform"), try context.pathParameter("filename"))
    let found = try await metadata.artifact(channelID: channel.id, subdir: subdir, fileName: fileName)
    guard let artifact = found, artifact.packageID == package.id else {
      throw APIError(.packageVersionNotFound, detail(subdir, fileName))
    }
    return (channel, artifact)
  }

  /// The channel and package of a route's path, whether or not this principal may read the package.
  ///
  /// - Throws: 404 `Package <channel as typed>/<package> not found`, for a missing channel as well; in a private channel
  ///   401 or 403 instead to whom its packages are no business.
  func existingPackage(_ context: AppContext) async throws -> (ChannelRow, PackageRow) {
    let typedChannel = try context.pathParameter("channel")
    let name = try context.pathParameter("package")
    guard let channel = try await metadata.channel(named: typedChannel) else {
      throw APIError.packageNotFound(typedChannel, name)
    }
    guard let package = try await metadata.package(channelID: channel.id, named: name) else {
      try await authorizer.require(.readPackage, on: channel, for: context.principal)
      throw APIError.packageNotFound(typedChannel, name)
    }
    return (channel, package)
  }
}
