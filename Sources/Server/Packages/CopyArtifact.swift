import APITypes
import CondaTypes
import Foundation
import Metadata

/// Publishing bytes that are in the store already: copies into another channel, and what was deleted and comes back.
/// Rows move, bytes do not.
struct CopyArtifact: Sendable {
  let services: Services

  /// Publishes what a template says as a new artifact of a channel, made now by `user`; returns its ID.
  ///
  /// - Throws: 409 if the channel has it, 422 over the channel's quota.
  func publish(_ template: ArtifactTemplate, in channel: ChannelRow, by user: SignedInUser) async throws
    -> UUID
  {
    var new = template.artifact
    new.channelID = channel.id
    new.uploaderID = user.owner.id
    new.now = services.now()
    new.sizeLimit = channel.sizeLimit
    let id: UUID
    // The garbage collection must not find the bytes unreferenced between the look and the row.
    await services.blobGate.enter(new.sha256)
    do {
      guard try await services.metadata.blobExists(sha256: new.sha256) else {
        throw APIError(.packageVersionNotFound, "Package version not found")
      }
      id = try await commit(new, as: channel)
    } catch {
      services.blobGate.leave(new.sha256)
      throw error
    }
    services.blobGate.leave(new.sha256)
    services.downloads.cache.forget(channelID: channel.id)
    try await services.indexer.publish(channelID: channel.id, subdir: new.subdir)
    services.documentBuilder.poke(channelID: channel.id)
    return id
  }

  /// - Throws: 422 in upstream's words if so many more bytes do not fit.
  static func requireQuota(of channel: ChannelRow, for size: Int64) throws {
    if let limit = channel.sizeLimit, channel.size + size > limit {
      throw APIError(.quotaExceeded, "\(channel.name) is above quota of \(limit) bytes")
    }
  }

  private func commit(_ new: NewArtifact, as channel: ChannelRow) async throws -> UUID {
    guard case .success(let index) = IndexJSON.parse(Array(new.info.utf8)) else {
      throw APIError(.internalError, "the artifact's metadata cannot be read again")
    }
    let runExports = try new.runExports.map { try RunExports.parse(Array($0.utf8)).get() }
    do {
      return try await services.metadata.publishArtifact(new, replacing: false) { times in
        let record = PackageRecord(
          index: index, sha256: new.sha256, md5: new.md5, size: new.size,
          indexedTimestamp: times.indexedTimestamp,
          timeModified: Int64(times.timeModified.timeIntervalSince1970))
        return RenderedRecord(
          json: record.json.canonicalText(),
          messagePack: record.messagePack(runExports: runExports ?? RunExports()))
      }.id
    } catch {
      switch error.kind {
      case .conflict: throw APIError(.artifactExists, "Duplicate", underlying: error)
      case .quotaExceeded(let limit):
        throw APIError(.quotaExceeded, "\(channel.name) is above quota of \(limit) bytes")
      default: throw error
      }
    }
  }
}
