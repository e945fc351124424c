import Locks
import Synchronization

/// When each channel last changed, as numbers of one count: what was read before a change is known by its smaller number.
///
/// ```
/// stamp = changes.now            ← before anything is read
/// … read channel, file, bytes …
/// answer.isTrue = channel.lastChange(…) <= stamp
/// ```
/// Asking costs one atomic load, so that an answer in memory can be checked on every request.
package final class ChangeStamps: Sendable {
  /// A moment between two changes.
  package typealias Stamp = UInt64

  /// The last changes of one channel.
  package final class Channel: Sendable {
    /// Of anything: its settings, its artifacts, its existence.
    fileprivate let content = Atomic<Stamp>(0)
    /// Of the documents that are made from its rows, or of which files there are.
    fileprivate let documents = Atomic<Stamp>(0)

    /// Whether what was read after `stamp` still holds.
    ///
    /// - Parameter isDocument: Whether it depends on the derived files; artifacts and shards do not.
    package func stands(since stamp: Stamp, isDocument: Bool) -> Bool {
      content.load(ordering: .acquiring) <= stamp
        && (!isDocument || documents.load(ordering: .acquiring) <= stamp)
    }
  }

  private let count = Atomic<Stamp>(0)
  private let channels = Guarded<[Int64: Channel]>([:])

  package init() {}

  /// The stamp of what is read from here on.
  package var now: Stamp { count.load(ordering: .acquiring) }

  /// The changes of a channel, to be kept beside the answers about it.
  package func channel(_ id: Int64) -> Channel {
    channels.withLock { channels in
      if let known = channels[id] { return known }
      let new = Channel()
      channels[id] = new
      return new
    }
  }

  /// To be called after every committed change to a channel's settings or artifacts.
  package func noteChange(channelID: Int64) { advance(channel(channelID).content) }

  /// To be called after every committed change to a channel's derived files that left its artifacts as they were.
  package func noteDocuments(channelID: Int64) { advance(channel(channelID).documents) }

  private func advance(_ last: borrowing Atomic<Stamp>) {
    let stamp = count.add(1, ordering: .acquiringAndReleasing).newValue
    // Two changes at the same time: the later stamp stays.
    last.max(stamp, ordering: .acquiringAndReleasing)
  }
}
