import Backends
import CondaTypes
import Foundation
import Logging
import Metadata
import ServiceLifecycle

/// Removes bytes that nothing refers to: blobs of deleted or never finished uploads once they are a day old, documents
/// that were replaced, shards that no client's index can name any more.
///
/// An upload of the same bytes and their removal exclude each other (`BlobGate`).
package struct CollectGarbage: Service {
  let metadata: MetadataStore
  let packages: any BlobStore
  let documents: any BlobStore
  let gate: BlobGate
  let documentBuilder: DocumentBuilder
  let configuration: ServerConfiguration
  let now: @Sendable () -> Date
  let logger: Logger

  /// How long a replaced document stays: a reader may just have asked where it is.
  private static let documentGrace: TimeInterval = 3600

  package func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        do { try await Task.sleep(for: .seconds(3600)) } catch { return }
        await self.collectLogged()
      }
    }
  }

  private func collectLogged() async {
    do {
      try await collect()
    } catch {
      logger.error("garbage collection failed", metadata: ["error.cause": "\(String(reflecting: error))"])
    }
  }

  /// One whole collection.
  package func collect() async throws {
    let shardEnd = now().addingTimeInterval(
      -TimeInterval(configuration.index.retiredShardLifetime.components.seconds))
    _ = try await metadata.purgeRetiredShards(before: shardEnd)
    try await collectDocuments()
    try await collectHistory()
    let retention = configuration.storage.deletedRetention.components.seconds
    try await metadata.purgeDeletedArtifacts(before: now().addingTimeInterval(-TimeInterval(retention)))
    for channelID in try await metadata.removeExpiredNotices(now: now()) {
      documentBuilder.poke(channelID: channelID)
    }
    try await collectPackages()
  }

  private func collectDocuments() async throws {
    let end = now().addingTimeInterval(-Self.documentGrace)
    // Candidates first, references afterwards: what is published in between is then seen as referenced.
    var candidates: [Digest: BlobKey] = [:]
    for try await blob in documents.list(prefix: "") where blob.modified < end {
      if let digest = BlobLayout.digest(of: blob.key) { candidates[digest] = blob.key }
    }
    var last: Digest?
    while true {
      let page = try await metadata.allDocumentDigests(after: last, limit: 10_000)
      for digest in page { candidates[digest] = nil }
      guard let end = page.last else { break }
      last = end
    }
    for (_, key) in candidates {
      // Written again since it was listed: somebody is about to refer to it.
      guard let blob = try? await documents.info(key), blob.modified < end else { continue }
      try await documents.delete(key)
    }
  }

  private func collectPackages() async throws {
    let end = now().addingTimeInterval(
      -TimeInterval(configuration.storage.unreferencedBlobLifetime.components.seconds))
    for digest in try await metadata.unreferencedBlobs(olderThan: end, limit: 10_000) {
      try await gate.remove(digest) {
        guard try await metadata.forgetBlob(digest) else { return }
        try await packages.delete(BlobLayout.key(for: digest))
      }
    }
    // Bytes whose upload was cut off between the store and the row.
    for try await blob in packages.list(prefix: "sha256/") where blob.modified < end {
      guard let digest = BlobLayout.digest(of: blob.key) else { continue }
      try await gate.remove(digest) {
        guard try await !metadata.blobExists(sha256: digest) else { return }
        try await packages.delete(blob.key)
      }
    }
  }
}
