package import Backends
package import Foundation
package import Metadata

/// Keeps shards and shard indexes (CEP 16) level with the rows, at a cost that follows the change.
///
/// One change costs one shard, one index and one commit, and changes that arrive together share the last two: what is
/// marked as behind is made within the transaction that marked it (`ShardWriter`). This is for the rest: what could not be
/// made then, what an earlier process left undone, and whole subdirs that are marked to be made again.
package struct ShardIndexer: Sendable {
  private let metadata: MetadataStore
  private let readCache: ReadCache
  private let documents: any LocalFileBlobStore
  private let fresh: FreshIndexes
  private let writer: ShardWriter

  /// From here on the index follows every change to `metadata`.
  package init(
    metadata: MetadataStore, documents: any LocalFileBlobStore, fresh: FreshIndexes, readCache: ReadCache,
    zstdLevel: Int, now: @escaping @Sendable () -> Date
  ) throws {
    self.metadata = metadata
    self.documents = documents
    self.fresh = fresh
    self.readCache = readCache
    writer = try ShardWriter(documents: documents, fresh: fresh, zstdLevel: zstdLevel, now: now)
    resume()
  }

  /// Changes only leave marks from here on, until `resume`: for filling a channel with many records at once.
  func suspend() { metadata.setIndexWriter(nil) }

  /// Ends `suspend`.
  func resume() { metadata.setIndexWriter(writer) }

  /// Returns once a change that was just committed to artifacts of the subdir is in its shards and its shard index.
  ///
  /// Almost always it is there already, in the same commit, and this asks nobody.
  package func follow(channelID: Int64, subdir: String) async throws {
    if metadata.isIndexLevel { return readCache.forgetDocuments(channelID: channelID) }
    try await publish(channelID: channelID, subdir: subdir)
  }

  /// Returns once everything committed to the subdir before the call is in its shards and its shard index.
  package func publish(channelID: Int64, subdir: String) async throws {
    defer { readCache.forgetDocuments(channelID: channelID) }
    if try await metadata.isShardIndexCurrent(channelID: channelID, subdir: subdir) { return }
    while try await metadata.followIndex(channelID: channelID, subdir: subdir) {}
  }

  /// Marks everything in a subdir and makes it again, because files are lost.
  package func remake(channelID: Int64, subdir: String) async throws {
    defer { readCache.forgetDocuments(channelID: channelID) }
    try await metadata.markAllStale(channelID: channelID, subdir: subdir)
    // At least once: an empty subdir has no shards, but an index.
    while try await metadata.followIndex(channelID: channelID, subdir: subdir) {}
  }

  /// Makes the shard indexes again that an earlier process had in memory only when it was killed, so that every index that
  /// a row names can be served. Equal rows make equal bytes, but for those of another release: the row stays as it is.
  package func restore() async throws {
    for document in try await metadata.shardIndexes() {
      let key = SubdirKey(ofShardIndex: document)
      if try await hasFile(document) {
        fresh.noteFile(document.sha256, of: key)
      } else {
        while try await metadata.followIndex(channelID: key.channelID, subdir: key.subdir) {}
      }
    }
  }

  /// Whether there is a file with as many bytes as there should be; what is in it is another question.
  private func hasFile(_ document: DocumentRow) async throws -> Bool {
    do {
      return try await documents.info(BlobLayout.key(for: document.sha256)).size == document.size
    } catch let error as BlobStoreError where error.kind == .notFound {
      return false
    }
  }

  /// Makes up for what an earlier process left undone.
  package func catchUp() async throws {
    for (channelID, subdir) in try await metadata.subdirsWithMarks() {
      try await publish(channelID: channelID, subdir: subdir)
    }
  }
}
