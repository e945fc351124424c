import APITypes
import Backends
import HTTPTypes
import Hummingbird
import Metadata
import NIOCore

extension DownloadController {
  /// One download, from a file that is there and may be read to its answer.
  struct Answer {
    let services: Services
    let channel: ChannelRow
    let path: ChannelFilePath
    let file: ServedFile
    let request: Request
    let context: AppContext
    /// `nil` where nothing can be offered to the fast path.
    let offers: DownloadOffers?
  }
}

extension DownloadController.Answer {
  func respond() async throws -> Response {
    var headers = self.headers
    switch ConditionalRequest.evaluate(
      request.headers, etag: file.etag, modifiedAt: file.modifiedAt, size: file.size)
    {
    case .notModified:
      await offerWhole()
      return Response(status: .notModified, headers: Self.notModified(headers))
    case .preconditionFailed:
      throw APIError(.preconditionFailed, "the file's ETag is \(file.etag)")
    case .rangeNotSatisfiable:
      throw APIError(
        .rangeNotSatisfiable, "the file has \(file.size) bytes",
        headers: [.contentRange: "bytes */\(file.size)", .eTag: file.etag])
    case .partial(let range):
      headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.size)"
      return try await send(range, status: .partialContent, headers)
    case .full:
      if let redirect = try await redirection() { return redirect }
      return try await send(0..<file.size, status: .ok, headers)
    }
  }

  /// The answer that sends the client to the store itself, if there is such a way and this request may take it.
  private func redirection() async throws -> Response? {
    let facts = RedirectPolicy.Facts(
      method: request.method, isArtifact: file.origin == .packages, isWhole: true,
      carriesAPIKeyHeader: request.headers[.apiKey] != nil, carriesPathToken: context.carriesPathToken)
    guard let redirect = services.downloadRedirect, redirect.policy.redirects(facts) else { return nil }
    let location = try await redirect.location(
      of: file, isPrivate: channel.isPrivate, now: services.now())
    if let artifact = file.artifact { services.downloadCounter.count(artifact: artifact) }
    let headers: HTTPFields = [
      .location: location, .cacheControl: DownloadRedirect.cacheControl, .referrerPolicy: "no-referrer",
      .contentLength: "0",
    ]
    offers?.offer(redirectWith: headers, to: file, at: path, of: channel, lifetime: redirect.reusable)
    return Response(status: .temporaryRedirect, headers: headers)
  }

  private func send(
    _ range: Range<Int64>, status: HTTPResponse.Status, _ headers: HTTPFields
  ) async throws -> Response {
    var response = Response(status: status, headers: headers)
    if request.method == .head {
      await offerWhole()
    } else {
      let body = try fileBody
      let content = try await open(range)
      if range.count == file.size { offer(content) }
      response.body = body.body(of: content, range: range)
      if let artifact = file.artifact, range.lowerBound == 0 {
        services.downloadCounter.count(artifact: artifact)
      }
    }
    response.headers[.contentLength] = String(range.count)
    return response
  }

  private var fileBody: FileBody {
    get throws {
      FileBody(
        store: file.origin == .packages ? services.packages : services.documents,
        key: try BlobLayout.key(for: file.sha256), size: file.size, threads: services.threads,
        connection: context.connection, logger: services.logger)
    }
  }

  /// - Throws: `BlobStoreError.notFound` if the bytes are neither in memory nor in the store, or are damaged.
  private func open(_ range: Range<Int64>) async throws -> FileBody.Content {
    if file.origin == .documents {
      if let index = services.freshIndexes.bytes(of: file.sha256),
        let part = index.getSlice(at: index.readerIndex + Int(range.lowerBound), length: range.count)
      {
        return .memory(part)
      }
      try await services.documentTrust.require(file.sha256)
    }
    return try await fileBody.open(range: range)
  }

  private func offer(_ content: FileBody.Content) {
    offers?.offer(
      content, headers: headers, notModified: Self.notModified(headers), of: file, at: path, of: channel)
  }

  /// Opens the whole file for those who ask next, though this request needs none of it. Whether that works is no matter
  /// of this request; nor does it wait until a file is proven.
  private func offerWhole() async {
    let mayOffer =
      switch file.origin {
      case .documents:
        services.freshIndexes.contains(file.sha256) || services.documentTrust.isProven(file.sha256)
      case .packages: services.packages is any LocalFileBlobStore
      }
    guard offers != nil, mayOffer, let content = try? await open(0..<file.size) else { return }
    offer(content)
  }

  private static func notModified(_ headers: HTTPFields) -> HTTPFields {
    var headers = headers
    headers[.contentType] = nil
    headers[.contentSize] = nil
    return headers
  }

  private var headers: HTTPFields {
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
