import Locks

/// Answers of `DownloadService` that are still true, per channel and path.
///
/// Kept true by every write: whoever commits a change forgets the channel, or its documents, afterwards. A reader that
/// looked before the change and inserts after it is refused by the generation it started with.
package final class ReadCache: Sendable {
  private struct State {
    /// Artifacts and shards.
    var files: [Int64: [ChannelFilePath: ServedFile]] = [:]
    var documents: [Int64: [ChannelFilePath: ServedFile]] = [:]
    var generations: [Int64: UInt64] = [:]
    var count = 0

    mutating func forgetDocuments(of channelID: Int64) {
      generations[channelID, default: 0] += 1
      count -= documents.removeValue(forKey: channelID)?.count ?? 0
    }
  }

  /// What the answers in memory of other parts (`FastPath`) are checked against.
  package let changes = ChangeStamps()
  private let state = Guarded(State())
  private let capacity: Int

  /// - Parameter capacity: The most answers kept; when full, everything is dropped and begins anew.
  package init(capacity: Int = 200_000) { self.capacity = capacity }

  package func file(_ path: ChannelFilePath, channelID: Int64) -> ServedFile? {
    state.withLock { path.isDocument ? $0.documents[channelID]?[path] : $0.files[channelID]?[path] }
  }

  /// To be taken before the database is read.
  package func generation(channelID: Int64) -> UInt64 { state.withLock { $0.generations[channelID] ?? 0 } }

  /// Keeps an answer, unless the channel changed since `generation` was taken.
  package func insert(_ file: ServedFile, at path: ChannelFilePath, channelID: Int64, generation: UInt64) {
    state.withLock { state in
      guard state.generations[channelID] ?? 0 == generation else { return }
      if state.count >= capacity {
        state.files.removeAll(keepingCapacity: true)
        state.documents.removeAll(keepingCapacity: true)
        state.count = 0
      }
      let old =
        path.isDocument
        ? state.documents[channelID, default: [:]].updateValue(file, forKey: path)
        : state.files[channelID, default: [:]].updateValue(file, forKey: path)
      if old == nil { state.count += 1 }
    }
  }

  /// To be called after every committed change to a channel's settings or artifacts.
  package func forget(channelID: Int64) {
    state.withLock { state in
      state.forgetDocuments(of: channelID)
      state.count -= state.files.removeValue(forKey: channelID)?.count ?? 0
    }
    changes.noteChange(channelID: channelID)
  }

  /// To be called after every committed change to a channel's derived files: new artifacts, a new index. What was known
  /// of artifacts and shards stays true.
  package func forgetDocuments(channelID: Int64) {
    state.withLock { $0.forgetDocuments(of: channelID) }
    changes.noteDocuments(channelID: channelID)
  }
}

extension ChannelFilePath {
  /// Whether it names a derived file that is replaced under the same name.
  package var isDocument: Bool {
    if case .document = self { true } else { false }
  }
}
