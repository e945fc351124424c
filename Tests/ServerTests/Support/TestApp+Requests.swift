import Backends
import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import NIOCore
import Server
import TestSupport

extension TestApp {
  /// Sends a request; the path goes out byte for byte.
  ///
  /// - Parameter user: Whose key goes along as `X-API-Key`; `nil` for anonymous.
  func send(
    _ method: HTTPRequest.Method = .get, _ path: String, as user: String? = nil, headers: HTTPFields = [:],
    body: HTTPRequestBody = .none
  ) async throws -> Answer {
    var headers = headers
    if let user { headers[.apiKey] = keys[user] ?? user }
    let request = try HTTPRequest(method, url: baseURL + path, headerFields: headers)
    let response = try await transport.send(request, body: body)
    let bytes = try await response.collect(upTo: 256 << 20)
    return Answer(
      status: response.statusCode, headers: response.headerFields, body: Array(bytes.readableBytesView))
  }

  /// The JSON of an answer.
  func json(_ path: String, as user: String? = nil) async throws -> JSONValue {
    try JSONValue(parsing: try await send(.get, path, as: user).body)
  }

  /// Makes a channel by the API.
  @discardableResult
  func createChannel(_ name: String, isPrivate: Bool = false, as user: String = "owner") async throws
    -> Answer
  {
    try await send(
      .post, "/api/channels", as: user, body: .text("{\"name\":\"\(name)\",\"private\":\(isPrivate)}"))
  }

  /// Uploads bytes on the raw route, with their right checksum unless another is given.
  func upload(
    _ bytes: [UInt8], named fileName: String, to channel: String, as user: String? = "owner",
    force: Bool = false,
    sha256: String? = nil
  ) async throws -> Answer {
    let digest = try sha256 ?? ArchiveWriting.sha256(bytes)
    return try await send(
      .post, "/api/channels/\(channel)/upload/\(fileName)?force=\(force)&sha256=\(digest)", as: user,
      body: .bytes(ByteBuffer(bytes: bytes)))
  }

  /// Uploads what a builder makes.
  func upload(
    _ builder: PackageBuilder, to channel: String, as user: String? = "owner", force: Bool = false
  ) async throws -> Answer {
    try await upload(builder.bytes(), named: builder.fileName, to: channel, as: user, force: force)
  }

  /// Brings the whole-subdir documents level with the rows, without waiting for the debounce.
  func settle(_ channel: String) async throws {
    guard let row = try await metadata.channel(named: channel) else { return }
    try await server.services.documentBuilder.buildNow(channelID: row.id)
  }

  /// The file names in a subdir's repodata.json.
  func repodataFileNames(_ channel: String, _ subdir: String) async throws -> Set<String> {
    try await settle(channel)
    let json = try await json("/get/\(channel)/\(subdir)/repodata.json", as: "owner")
    return Set((json["packages"]?.asObject ?? [:]).keys).union((json["packages.conda"]?.asObject ?? [:]).keys)
  }

  /// What a deployment's folders hold, for "nothing is left" assertions.
  struct Footprint: Hashable, Sendable {
    var blobs: Set<String>
    var spoolFiles: Set<String>
    var artifactRows: Int
    var marks: Int
  }

  func footprint() async throws -> Footprint {
    var blobs: Set<String> = []
    for try await blob in server.services.packages.list(prefix: "") { blobs.insert(blob.key.value) }
    let spool = try FileManager.default.contentsOfDirectory(atPath: deployment.spoolFolder)
    var rows = 0
    for channel in try await metadata.allChannels() {
      for subdir in try await metadata.subdirs(channelID: channel.id) {
        rows += try await metadata.listing(channelID: channel.id, subdir: subdir, limit: 1).total
      }
    }
    return Footprint(
      blobs: blobs, spoolFiles: Set(spool), artifactRows: rows,
      marks: try await metadata.markedShards(limit: nil).count)
  }
}
