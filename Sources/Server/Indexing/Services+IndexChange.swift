import Metadata

extension Services {
  /// Lets everything derived follow a committed change: shards before this returns, documents soon after.
  func followChange(of channel: ChannelRow, subdirs: some Sequence<String>) async throws {
    downloads.cache.forget(channelID: channel.id)
    for subdir in Set(subdirs).sorted() {
      try await indexer.publish(channelID: channel.id, subdir: subdir)
    }
    documentBuilder.poke(channelID: channel.id)
  }
}
