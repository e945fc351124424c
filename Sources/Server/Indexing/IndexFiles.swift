import Backends
import CondaTypes
import Foundation
import Metadata

/// Writes shard indexes behind: what is current of `FreshIndexes` gets its file a moment after it was made.
///
/// Of a burst of uploads only the last index is written.
struct IndexFiles: Sendable {
  let metadata: MetadataStore
  let blobs: any BlobStore
  let fresh: FreshIndexes
  let superseded: SupersededDocuments
  let now: @Sendable () -> Date

  /// Writes the current index of every subdir that has one in memory only, of one channel or all.
  ///
  /// - Throws: What the store throws (a full disk, say): the indexes stay in memory.
  func write(channelID: Int64? = nil) async throws {
    for subdir in fresh.subdirs(of: channelID) {
      guard let replaced = try await write(subdir) else { continue }
      try await superseded.add([replaced], at: now())
    }
  }

  /// - Returns: The index whose file has another one in its place now.
  private func write(_ subdir: SubdirKey) async throws -> Digest? {
    guard
      let row = try await metadata.document(channelID: subdir.channelID, path: subdir.shardIndexPath)
    else {
      // About to be committed; or gone with its channel.
      if try await metadata.channel(id: subdir.channelID) == nil { fresh.forget(subdir) }
      return nil
    }
    // What is here and not current waits for its commit, or its transaction has failed.
    if let bytes = fresh.bytes(of: row.sha256) {
      try await blobs.put(.bytes(bytes), at: BlobLayout.key(for: row.sha256))
    }
    return fresh.noteFile(row.sha256, of: subdir)
  }
}
