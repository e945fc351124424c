import Foundation
import Metadata

/// Makes documents current: their rows, what is remembered of those before, and those that nobody needs any more.
struct DocumentCommit: Sendable {
  let metadata: MetadataStore
  let readCache: ReadCache
  let superseded: SupersededDocuments
  let now: @Sendable () -> Date

  /// - Parameters:
  ///   - subdir: The subdir they show; nil for those of the channel.
  ///   - removedPaths: Documents that are no longer served.
  ///   - basis: What the subdir's next documents can be put together from.
  func callAsFunction(
    _ rows: [DocumentRow], removing removedPaths: [String] = [], of channel: ChannelRow, subdir: String?,
    basis: DocumentBasis? = nil
  ) async throws {
    let replaced = try await metadata.commitDocuments(
      channelID: channel.id, subdir: subdir, documents: rows, removedPaths: removedPaths, basis: basis,
      now: now())
    readCache.forgetDocuments(channelID: channel.id)
    try await superseded.add(replaced, at: now())
  }
}
