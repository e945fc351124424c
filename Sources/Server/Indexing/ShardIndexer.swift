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
  private let writer: ShardWriter

  /// From here on the index follows every change to `metadata`.
  package init(
    metadata: MetadataStore, documents: any LocalFileBlobStore, readCache: ReadCache, zstdLevel: Int,
    now: @escaping @Sendable () -> Date
  ) throws {
    self.metadata = metadata
    self.readCache = readCache
    writer = try ShardWriter(documents: documents, zstdLevel: zstdLevel, now: now)
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
    if metadata.isIndexLevel { return readCache.forget(channelID: channelID) }
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

  /// Makes up for what an earlier process left undone.
  package func catchUp() async throws {
    for (channelID, subdir) in try await metadata.subdirsWithMarks() {
      try await publish(channelID: channelID, subdir: subdir)
    }
  }
}
