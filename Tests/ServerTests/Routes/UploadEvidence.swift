import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import NIOCore
import Server
import TestSupport
import Testing

/// Everything an upload can change: folders, rows, and what clients of one channel see.
struct UploadEvidence: Equatable, Sendable {
  let footprint: TestApp.Footprint
  /// Bytes that the channel's artifacts count for.
  let channelSize: Int64?
  let packages: [String]
  let subdirs: [String]
  /// The bodies of the files that clients read, by path; `nil` stands for "not there".
  let files: [String: [UInt8]?]
}

extension TestApp {
  /// The state of a channel once nothing is being written any more.
  func evidence(_ channel: String) async throws -> UploadEvidence {
    try await settle(channel)
    // A page being made in the background has its temporary file in the spool, too.
    try await UploadPolling.until { try await footprint().spoolFiles.isEmpty }
    return try await evidenceNow(channel)
  }

  private func evidenceNow(_ channel: String) async throws -> UploadEvidence {
    let row = try await metadata.channel(named: channel)
    let subdirs = try await row.asyncMap { try await metadata.subdirs(channelID: $0.id) } ?? []
    var files: [String: [UInt8]?] = [:]
    for subdir in Set(subdirs + ["noarch", "linux-64"]) {
      for name in ["repodata.json", "repodata_shards.msgpack.zst"] {
        let answer = try await send(.get, "/get/\(channel)/\(subdir)/\(name)", as: "owner")
        files["\(subdir)/\(name)"] = .some(answer.status == 200 ? answer.body : nil)
      }
    }
    let packages = try await json("/api/channels/\(channel)/packages", as: "owner")
    return UploadEvidence(
      footprint: try await footprint(), channelSize: row?.size,
      packages: (packages.asArray ?? []).compactMap { $0["name"]?.asString }.sorted(), subdirs: subdirs,
      files: files)
  }

  /// Runs a request that must be refused, and checks that it left everything as it was.
  ///
  /// - Parameter status: What it must be refused with; any 4xx if `nil`.
  @discardableResult
  func expectRefusal(
    in channel: String, _ status: Int? = nil, code: String? = nil, _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation, _ request: () async throws -> Answer
  ) async throws -> Answer {
    let before = try await evidence(channel)
    let answer = try await request()
    let label: Comment = "\(comment?.rawValue ?? "") \(answer.text.prefix(500))"
    if let status {
      #expect(answer.status == status, label, sourceLocation: sourceLocation)
    } else {
      #expect((400..<500).contains(answer.status), label, sourceLocation: sourceLocation)
    }
    if let code {
      #expect(answer.headers[.errorCode] == code, label, sourceLocation: sourceLocation)
    }
    #expect(answer.json?["detail"] != nil, label, sourceLocation: sourceLocation)
    #expect(try await evidence(channel) == before, label, sourceLocation: sourceLocation)
    return answer
  }

  /// The record of a file in a subdir's repodata.
  func record(of fileName: String, in channel: String, subdir: String = "noarch") async throws -> JSONValue? {
    try await settle(channel)
    let json = try await json("/get/\(channel)/\(subdir)/repodata.json", as: "owner")
    return json["packages"]?[fileName] ?? json["packages.conda"]?[fileName]
  }

  /// A public channel with one package in it, so that "unchanged" means more than "empty".
  func createBusyChannel(_ name: String = "lab") async throws {
    #expect(try await createChannel(name).status == 201)
    #expect(try await upload(PackageBuilder(name: "first"), to: name).status == 201)
  }

  /// Makes a user a member of a channel.
  func addMember(_ user: String, to channel: String, role: Role) async throws {
    let row = try #require(try await metadata.channel(named: channel))
    try await metadata.setChannelMember(channelID: row.id, userID: #require(userIDs[user]), role: role)
  }
}

extension Optional where Wrapped: Sendable {
  fileprivate func asyncMap<Result>(_ transform: (Wrapped) async throws -> Result) async rethrows -> Result? {
    if let self { try await transform(self) } else { nil }
  }
}

/// Waiting for an effect that nothing announces.
enum UploadPolling {
  struct DeadlinePassed: Error {}

  /// Asks again and again until the condition holds.
  ///
  /// - Throws: `DeadlinePassed` after 30 s.
  static func until(_ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while try await !condition() {
      guard ContinuousClock.now < deadline else { throw DeadlinePassed() }
      try await Task.sleep(for: .milliseconds(3))
    }
  }
}
