import Foundation
import Logging
import Metadata

extension Services {
  /// Makes up for what an earlier process left undone, as far as it must be done before the port opens.
  ///
  /// Rows are the truth. After a crash of the process some shards may be behind, and some indexes without a file. After a
  /// crash of the machine documents, which are not synced to disk, may be gone or damaged: `DocumentVerification` looks at
  /// them while the server runs.
  func finishEarlierWork() async throws {
    try await trustDocumentsIfKnown()
    try await indexer.restore()
    try await indexer.catchUp()
    for state in try await metadata.staleSubdirs() {
      // A subdir that never had an index (a new channel of `--dev`, a creation cut short) gets one at once.
      let path = SubdirKey(channelID: state.channelID, subdir: state.subdir).shardIndexPath
      if try await metadata.document(channelID: state.channelID, path: path) == nil {
        try await indexer.publish(channelID: state.channelID, subdir: state.subdir)
      }
      if try await metadata.document(channelID: state.channelID, path: "\(state.subdir)/repodata.json") == nil
      {
        try await documentBuilder.buildNow(channelID: state.channelID)
      }
    }
  }

  /// Trusts the derived files where there is no need to look at them: they were sound in this run of the machine before,
  /// there are none yet, or all of them were deleted and are made again here.
  private func trustDocumentsIfKnown() async throws {
    let verified = try await metadata.value(of: BootID.settingName)
    if verified != BootID.settingValue {
      if try await !metadata.allDocumentDigests(limit: 1).isEmpty {
        guard verified == "" else { return }
        try await remakeAllDocuments()
      }
      try await metadata.setValue(BootID.settingValue, of: BootID.settingName)
    }
    documentTrust.complete()
  }

  private func remakeAllDocuments() async throws {
    logger.warning("the derived files were deleted; making all of them again before the port opens")
    for channel in try await metadata.allChannels()
    where try await !metadata.documents(channelID: channel.id).isEmpty {
      for subdir in try await metadata.subdirs(channelID: channel.id) {
        try await indexer.remake(channelID: channel.id, subdir: subdir)
      }
      try await documentBuilder.buildNow(channelID: channel.id)
    }
    // What only former indexes name cannot be made again.
    _ = try await metadata.purgeRetiredShards(before: .distantFuture)
  }
}
