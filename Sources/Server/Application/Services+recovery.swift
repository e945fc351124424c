import Backends
import CondaTypes
import Foundation
import Logging
import Metadata
import NIOCore

extension Services {
  /// Makes up for what an earlier process left undone, before the port opens.
  ///
  /// Rows are the truth. After a crash of the process some shards may be behind and some indexes without a file; after a
  /// crash of the machine documents, which are not synced to disk, may be gone or damaged, and are checked once per boot.
  func finishEarlierWork() async throws {
    try await indexer.restore()
    try await verifyDocumentsOncePerBoot()
    try await indexer.catchUp()
    for state in try await metadata.staleSubdirs() {
      // A subdir that never had an index (a new channel of `--dev`, a creation cut short) gets one at once.
      let path = "\(state.subdir)/repodata_shards.msgpack.zst"
      if try await metadata.document(channelID: state.channelID, path: path) == nil {
        try await indexer.publish(channelID: state.channelID, subdir: state.subdir)
      }
      if try await metadata.document(channelID: state.channelID, path: "\(state.subdir)/repodata.json") == nil
      {
        try await documentBuilder.buildNow(channelID: state.channelID)
      }
    }
  }

  private func verifyDocumentsOncePerBoot() async throws {
    let boot = BootID.current?.uuidString ?? "unknown"
    if try await metadata.value(of: "bootID") == boot { return }
    for channel in try await metadata.allChannels() {
      for subdir in try await metadata.subdirs(channelID: channel.id) {
        if try await !documentsAreSound(channelID: channel.id, subdir: subdir) {
          logger.warning(
            "derived files are missing or damaged; making them again",
            metadata: ["channel.name": "\(channel.name)", "channel.subdir": "\(subdir)"])
          try await indexer.remake(channelID: channel.id, subdir: subdir)
        }
      }
    }
    try await metadata.setValue(boot, of: "bootID")
  }

  private func documentsAreSound(channelID: Int64, subdir: String) async throws -> Bool {
    let documents = try await metadata.documents(channelID: channelID)
      .filter { $0.path.hasPrefix(subdir + "/") || !$0.path.contains("/") }
    for document in documents where try await !isSound(document.sha256, size: document.size) { return false }
    for shard in try await metadata.shards(channelID: channelID, subdir: subdir)
    where try await !isSound(shard.sha256, size: shard.size) {
      return false
    }
    return true
  }

  private func isSound(_ digest: Digest, size: Int64) async throws -> Bool {
    if freshIndexes.contains(digest) { return true }
    do {
      let reader = try await documents.get(BlobLayout.key(for: digest), range: nil)
      guard reader.info.size == size else { return false }
      let hash = try StreamingDigest(.sha256)
      for try await chunk in reader.chunks { chunk.withUnsafeReadableBytes { hash.update($0) } }
      return try hash.finish() == digest
    } catch let error as BlobStoreError where error.kind == .notFound {
      return false
    }
  }
}
