import APITypes
import CondaTypes
import Hummingbird
import Metadata

/// `/api/channels/{c}/patches`: repodata patches per subdir (ours; conda-build's and conda-index's practice).
struct PatchController: Sendable {
  /// Bytes of a body with instructions; conda-forge's largest has some 20 MB.
  static let maxSize = 32 << 20
  /// How many differences a preview lists.
  static let maxDifferences = 1000

  let services: Services

  func addRoutes(to router: Router<AppContext>) {
    router.get("api/channels/:channel/patches", use: list)
    router.put("api/channels/:channel/patches", use: setPackage)
    router.get("api/channels/:channel/patches/:subdir", use: show)
    router.put("api/channels/:channel/patches/:subdir", use: set)
    router.delete("api/channels/:channel/patches/:subdir", use: remove)
    router.post("api/channels/:channel/patches/:subdir/preview", use: preview)
  }

  private func list(_ request: Request, _ context: AppContext) async throws -> Response {
    let channel = try await channel(context)
    return try .json(
      try await services.metadata.patches(channelID: channel.id).map { row in
        PatchBody(
          subdir: row.subdir, version: row.version, origin: row.origin,
          timeCreated: Timestamp.naive(row.createdAt), instructions: row.instructionCount,
          artifacts: row.artifactCount)
      })
  }

  private func show(_ request: Request, _ context: AppContext) async throws -> Response {
    let channel = try await channel(context)
    let subdir = try subdir(context)
    let found = try await services.metadata.patchInstructions(channelID: channel.id, subdir: subdir)
    guard let found else { throw Self.notFound(channel, subdir) }
    return .json(found.json)
  }

  private func set(_ request: Request, _ context: AppContext) async throws -> Response {
    let channel = try await changeable(context)
    let subdir = try subdir(context)
    let instructions = try await Self.instructions(in: request)
    try await apply([subdir: instructions], origin: nil, to: channel)
    return .null()
  }

  /// The body is a patch package: the patches of all subdirs that it has folders for.
  private func setPackage(_ request: Request, _ context: AppContext) async throws -> Response {
    var query = QueryParameters(request.uri.query)
    let fileName = query.required("filename")
    let channel = try await channel(context)
    try query.validate()
    try await services.authorizer.require(.changePatches, on: channel, for: context.principal)
    let name = try ArtifactValidation.name(of: fileName)
    let patches = try await PatchPackage(services: services).read(request, as: name)
    try await apply(patches, origin: name.fileName, to: channel)
    return .null()
  }

  private func remove(_ request: Request, _ context: AppContext) async throws -> Response {
    let channel = try await changeable(context)
    let subdir = try subdir(context)
    guard try await services.metadata.hasPatch(channelID: channel.id, subdir: subdir) else {
      throw Self.notFound(channel, subdir)
    }
    try await apply([subdir: nil], origin: nil, to: channel)
    return .null()
  }

  private func preview(_ request: Request, _ context: AppContext) async throws -> Response {
    let channel = try await changeable(context)
    let subdir = try subdir(context)
    let instructions = try await Self.instructions(in: request)
    let preview = try await services.metadata.previewPatch(
      channelID: channel.id, subdir: subdir, instructions, limit: Self.maxDifferences)
    return try .json(
      PatchPreviewBody(
        total: preview.total, unmatched: preview.unmatched,
        differences: preview.differences.map { difference in
          .init(
            filename: difference.fileName, removed: difference.isRemoved, before: difference.before,
            after: difference.after)
        }))
  }

  private func apply(
    _ patches: [String: PatchInstructions?], origin: String?, to channel: ChannelRow
  ) async throws {
    try await services.metadata.setPatches(
      channelID: channel.id, patches, origin: origin, now: services.now())
    try await services.followChange(of: channel, subdirs: patches.keys)
  }

  private func channel(_ context: AppContext) async throws -> ChannelRow {
    try await services.channels.readable(
      context.pathParameter("channel"), by: context.principal, refusing: [.proxy])
  }

  /// The rights come before the body here: it may be large.
  private func changeable(_ context: AppContext) async throws -> ChannelRow {
    let channel = try await channel(context)
    try await services.authorizer.require(.changePatches, on: channel, for: context.principal)
    return channel
  }

  private func subdir(_ context: AppContext) throws -> String {
    let text = try context.pathParameter("subdir")
    guard let subdir = try? Subdir(parsing: text) else { throw APIError(.routeNotFound, "Not Found") }
    return subdir.value
  }

  private static func notFound(_ channel: ChannelRow, _ subdir: String) -> APIError {
    APIError(.patchNotFound, "\(channel.name)/\(subdir) has no patch")
  }

  private static func instructions(in request: Request) async throws -> PatchInstructions {
    let bytes = try await request.body.collect(upTo: maxSize)
    return try parse(Array(bytes.readableBytesView), in: PatchInstructions.file)
  }

  /// - Throws: 422 with everything that is wrong.
  static func parse(_ bytes: [UInt8], in file: String) throws -> PatchInstructions {
    switch PatchInstructions.parse(bytes) {
    case .success(let instructions): return instructions
    case .failure(let failure):
      let problems = failure.problems.map(\.description).joined(separator: "; ")
      throw APIError(.invalidPatch, "\(file) cannot be applied: \(problems)")
    }
  }
}
