import Metadata

/// A subdir of a channel, as what is remembered of it is found by.
package struct SubdirKey: Hashable, Sendable {
  package let channelID: Int64
  package let subdir: String

  package init(channelID: Int64, subdir: String) {
    self.channelID = channelID
    self.subdir = subdir
  }

  /// Where in the channel clients find its shard index.
  package var shardIndexPath: String { "\(subdir)/repodata_shards.msgpack.zst" }

  /// The subdir whose shard index this is.
  init(ofShardIndex document: DocumentRow) {
    self.init(
      channelID: document.channelID, subdir: String(document.path.prefix { $0 != "/" }))
  }

  init(of source: IndexSource) { self.init(channelID: source.channelID, subdir: source.subdir) }
}
