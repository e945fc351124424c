import Locks

/// Answers of `DownloadService` that are still true, per channel and path.
///
/// Kept true by every write: whoever commits a change forgets the channel afterwards. A reader that looked before the
/// change and inserts after it is refused by the generation it started with.
package final class ReadCache: Sendable {
  private struct State {
    var files: [Int64: [ChannelFilePath: ServedFile]] = [:]
    var generations: [Int64: UInt64] = [:]
    var count = 0
  }

  private let state = Guarded(State())
  private let capacity: Int

  /// - Parameter capacity: The most answers kept; when full, everything is dropped and begins anew.
  package init(capacity: Int = 200_000) { self.capacity = capacity }

  package func file(_ path: ChannelFilePath, channelID: Int64) -> ServedFile? {
    state.withLock { $0.files[channelID]?[path] }
  }

  /// To be taken before the database is read.
  package func generation(channelID: Int64) -> UInt64 { state.withLock { $0.generations[channelID] ?? 0 } }

  /// Keeps an answer, unless the channel changed since `generation` was taken.
  package func insert(_ file: ServedFile, at path: ChannelFilePath, channelID: Int64, generation: UInt64) {
    state.withLock { state in
      guard state.generations[channelID] ?? 0 == generation else { return }
      if state.count >= capacity {
        state.files.removeAll(keepingCapacity: true)
        state.count = 0
      }
      if state.files[channelID, default: [:]].updateValue(file, forKey: path) == nil { state.count += 1 }
    }
  }

  /// To be called after every committed change to what a channel serves.
  package func forget(channelID: Int64) {
    state.withLock { state in
      state.generations[channelID, default: 0] += 1
      state.count -= state.files.removeValue(forKey: channelID)?.count ?? 0
    }
  }
}
