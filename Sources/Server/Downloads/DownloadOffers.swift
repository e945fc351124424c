import APITypes
import Foundation
import HTTPTypes
import Hummingbird
import Metadata
import NIOCore

/// What a download through the router offers to the fast path, so that the next one need not come this way.
///
/// Made before anything is read: the stamps in it tell which changes the answer may not know of.
struct DownloadOffers: Sendable {
  /// Longer targets are nobody's who installs packages.
  private static let longestTarget = 1024

  private let services: Services
  private let fastPath: FastPath
  private let target: String
  private let stamp: ChangeStamps.Stamp
  private let context: AppContext

  /// `nil` where there is no fast path, or for a target that it does not look at.
  init?(services: Services, request: Request, context: AppContext) {
    guard let fastPath = services.fastPath, let target = request.head.path,
      target.utf8.count <= Self.longestTarget,
      !target.utf8.contains(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") })
    else { return nil }
    self.services = services
    self.fastPath = fastPath
    self.target = target
    self.context = context
    stamp = fastPath.changes.now
  }

  /// A whole file.
  func offer(
    _ content: FileBody.Content, headers: HTTPFields, notModified: HTTPFields, of file: ServedFile,
    at path: ChannelFilePath, of channel: ChannelRow
  ) {
    let body: FastAnswer.Body
    switch content {
    case .memory(let buffer): body = .memory(buffer)
    case .file(let open): body = .file(open, size: file.size)
    case .stream: return
    }
    var whole = Response(status: .ok, headers: headers)
    var empty = Response(status: .notModified, headers: notModified)
    whole.headers[.contentLength] = String(file.size)
    PageHeaders.add(to: &whole)
    PageHeaders.add(to: &empty)
    empty.headers[.contentLength] = nil  // a 304 has the length of nothing (RFC 9110 §8.6)
    let answer = FastAnswer(
      basis: basis(channel, isDocument: path.isDocument), meters: meters(file, channel), status: .ok,
      headers: fastPath.headers(whole.headers), notModified: fastPath.headers(empty.headers), body: body,
      isArtifact: file.origin == .packages)
    fastPath.offer(answer, for: target, on: context.connection.eventLoop)
    offerKey(channel)
  }

  /// That a channel has no such file.
  func offer(_ error: APIError, of channel: ChannelRow) {
    let (fields, body) = ErrorAnswer.parts(error)
    let headers = fastPath.headers(fields)
    let answer = FastAnswer(
      basis: basis(channel, isDocument: true), meters: meters(nil, channel),
      status: HTTPResponse.Status(code: error.code.status), headers: headers, notModified: headers,
      body: .memory(body), isArtifact: false)
    fastPath.offer(answer, for: target, on: context.connection.eventLoop)
    offerKey(channel)
  }

  /// A redirect whose URL may be given to others for a while.
  func offer(
    redirectWith headers: HTTPFields, to file: ServedFile, at path: ChannelFilePath, of channel: ChannelRow,
    lifetime: TimeAmount
  ) {
    let redirect = FastRedirect(
      basis: basis(channel, isDocument: path.isDocument), meters: meters(file, channel),
      headers: fastPath.headers(headers), end: .now() + lifetime)
    fastPath.offer(redirect, for: target, on: context.connection.eventLoop)
    offerKey(channel)
  }

  private func basis(_ channel: ChannelRow, isDocument: Bool) -> FastAnswer.Basis {
    FastAnswer.Basis(
      channelID: channel.id, changes: fastPath.changes.channel(channel.id), stamp: stamp,
      isDocument: isDocument, isPrivate: channel.isPrivate)
  }

  private func meters(_ file: ServedFile?, _ channel: ChannelRow) -> FastAnswer.Meters {
    let metrics = services.requestMetrics
    return FastAnswer.Meters(
      get: metrics.series(method: "GET", endpoint: context.endpointPath),
      head: metrics.series(method: "HEAD", endpoint: context.endpointPath),
      downloads: file?.artifact.map { services.downloadCounter.tally(of: $0) })
  }

  /// The key that this request was let in with: it may read the channel.
  private func offerKey(_ channel: ChannelRow) {
    guard let presented = context.presentedKey, let user = context.principal.user,
      case .apiKey(let id) = user.credential
    else { return }
    let key = KnownKey(
      id: id, end: user.keyExpiresOn?.addingTimeInterval(86_400), accessCount: presented.accessCount,
      channels: [channel.id])
    fastPath.offer(key, hash: presented.hash, on: context.connection.eventLoop)
  }
}
