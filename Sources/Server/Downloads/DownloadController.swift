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
    let channel = try await readable(channelName, context)
    guard let path = ChannelFilePath(rawPath: rest) else { throw Self.notFound(channel, rest) }
    guard let file = try await services.downloads.resolve(path, in: channel) else {
      throw Self.notFound(channel, rest)
    }
    return try await respond(with: file, of: channel, request, context)
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

  private func respond(
    with file: ServedFile, of channel: ChannelRow, _ request: Request, _ context: AppContext
  ) async throws -> Response {
    var headers = Self.headers(of: file, channel)
    switch ConditionalRequest.evaluate(
      request.headers, etag: file.etag, modifiedAt: file.modifiedAt, size: file.size)
    {
    case .notModified:
      headers[.contentType] = nil
      headers[.contentSize] = nil
      return Response(status: .notModified, headers: headers)
    case .preconditionFailed:
      throw APIError(.preconditionFailed, "the file's ETag is \(file.etag)")
    case .rangeNotSatisfiable:
      throw APIError(
        .rangeNotSatisfiable, "the file has \(file.size) bytes",
        headers: [.contentRange: "bytes */\(file.size)", .eTag: file.etag])
    case .partial(let range):
      headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.size)"
      return try await send(file, range, of: channel, status: .partialContent, headers, request, context)
    case .full:
      if let redirect = try await redirection(to: file, of: channel, request, context) { return redirect }
      return try await send(file, 0..<file.size, of: channel, status: .ok, headers, request, context)
    }
  }

  /// The answer that sends the client to the store itself, if there is such a way and this request may take it.
  private func redirection(
    to file: ServedFile, of channel: ChannelRow, _ request: Request, _ context: AppContext
  ) async throws -> Response? {
    let facts = RedirectPolicy.Facts(
      method: request.method, isArtifact: file.origin == .packages, isWhole: true,
      carriesAPIKeyHeader: request.headers[.apiKey] != nil, carriesPathToken: context.carriesPathToken)
    guard let redirect = services.downloadRedirect, redirect.policy.redirects(facts) else { return nil }
    let location = try await redirect.location(
      of: file, isPrivate: channel.isPrivate, now: services.now())
    if let artifact = file.artifact { services.downloadCounter.count(artifact, channelID: channel.id) }
    return Response(
      status: .temporaryRedirect,
      headers: [
        .location: location, .cacheControl: DownloadRedirect.cacheControl, .referrerPolicy: "no-referrer",
        .contentLength: "0",
      ])
  }

  private func send(
    _ file: ServedFile, _ range: Range<Int64>, of channel: ChannelRow, status: HTTPResponse.Status,
    _ headers: HTTPFields, _ request: Request, _ context: AppContext
  ) async throws -> Response {
    var response = Response(status: status, headers: headers)
    if request.method != .head {
      response.body = try await body(of: file, range, channel, context)
      if let artifact = file.artifact, range.lowerBound == 0 {
        services.downloadCounter.count(artifact, channelID: channel.id)
      }
    }
    response.headers[.contentLength] = String(range.count)
    return response
  }

  private func body(
    of file: ServedFile, _ range: Range<Int64>, _ channel: ChannelRow, _ context: AppContext
  ) async throws -> ResponseBody {
    let store: any BlobStore = file.origin == .packages ? services.packages : services.documents
    let body = FileBody(
      store: store, key: try BlobLayout.key(for: file.sha256), size: file.size,
      threads: services.threads, connection: context.connection, logger: services.logger)
    do {
      return try await body.make(range: range)
    } catch let error as BlobStoreError where error.kind == .notFound {
      if file.origin == .documents { services.documentBuilder.rebuildAll(channelID: channel.id) }
      throw error
    }
  }

  private static func headers(of file: ServedFile, _ channel: ChannelRow) -> HTTPFields {
    var headers: HTTPFields = [
      .eTag: file.etag, .lastModified: Timestamp.http(file.modifiedAt), .acceptRanges: "bytes",
      .cacheControl: file.caching.header(isPrivate: channel.isPrivate), .contentType: file.contentType,
      .contentSize: String(file.size),
    ]
    if file.contentType.hasPrefix("text/html") {
      headers[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'"
      headers[.xContentTypeOptions] = "nosniff"
    }
    return headers
  }
}
