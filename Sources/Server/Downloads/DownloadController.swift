import APITypes
import Backends
import CondaTypes
import HTTPTypes
import Hummingbird
import Metadata

/// The files of channels: `GET`/`HEAD /get/{channel}/{path}` and, for the oldest documents,
/// `/channels/{channel}/{subdir}/{file}` (quetz-api.md §4, client-behaviour.md §6).
struct DownloadController: Sendable {
  let services: Services

  /// How long a client may remember that something is not there; it may be published the next moment.
  private static let notFoundCaching = "max-age=5"

  func addRoutes(to router: Router<AppContext>) {
    for mount in ["get", "channels"] {
      for path in ["\(mount)/:channel", "\(mount)/:channel/**"] {
        router.get(RouterPath(path), use: serve)
        router.head(RouterPath(path), use: serve)
      }
    }
  }

  private func serve(_ request: Request, _ context: AppContext) async throws -> Response {
    let (channelName, rest) = try Self.split(request.head.path ?? "")
    var missing: Digest?
    while true {
      let offers = DownloadOffers(services: services, request: request, context: context)
      let channel = try await readable(channelName, context)
      guard let path = ChannelFilePath(rawPath: rest),
        let file = try await services.downloads.resolve(path, in: channel)
      else {
        let error = Self.notFound(channel, rest)
        offers?.offer(error, of: channel)
        throw error
      }
      do {
        return try await Answer(
          services: services, channel: channel, path: path, file: file, request: request, context: context,
          offers: offers
        ).respond()
      } catch let error as BlobStoreError where error.kind == .notFound && file.origin == .documents {
        try look(again: &missing, for: file, in: channel, after: error)
      }
    }
  }

  /// What to do about a derived file whose bytes are gone: another may have taken its place since it was looked up. If it
  /// is still the same one it is lost, and made again for those who come later.
  private func look(
    again missing: inout Digest?, for file: ServedFile, in channel: ChannelRow, after error: BlobStoreError
  ) throws {
    guard missing != file.sha256 else {
      services.documentBuilder.rebuildAll(channelID: channel.id)
      throw error
    }
    missing = file.sha256
    services.downloads.cache.forgetDocuments(channelID: channel.id)
  }

  /// A channel that is not there may be made the next moment, like any other file.
  private func readable(_ name: String, _ context: AppContext) async throws -> ChannelRow {
    do {
      return try await services.channels.readable(name, by: context.principal)
    } catch var error as APIError where error.code == .channelNotFound {
      error.headers[.cacheControl] = Self.notFoundCaching
      throw error
    }
  }

  /// The channel's name and the raw rest of the path, from the request line itself: the router has already dropped empty
  /// segments, which must not be forgiven here.
  private static func split(_ target: String) throws -> (channel: String, rest: Substring) {
    let path = target.prefix { $0 != "?" && $0 != "#" }
    let parts = path.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count >= 3, parts[0].isEmpty, let name = PercentEncoding.decode(parts[2]),
      (try? ChannelName(parsing: name)) != nil
    else { throw APIError(.fileNotFound, "Not Found", headers: [.cacheControl: notFoundCaching]) }
    return (name, parts.count == 4 ? parts[3] : "")
  }

  private static func notFound(_ channel: ChannelRow, _ rest: Substring) -> APIError {
    var shown = ArtifactValidation.printable(PercentEncoding.decode(rest) ?? String(rest))
    if shown.isEmpty || shown.hasSuffix("/") { shown += "index.html" }
    return APIError(
      .fileNotFound, "\(channel.name)/\(shown) not found", headers: [.cacheControl: notFoundCaching])
  }
}
