import Locks

/// A write that is on its way, so that others may wait a moment and share their commit with it.
///
/// What a commit costs beside its rows (an `fsync`, the shard index, the first touch of every table) is paid once for all
/// writes in it. Announce what will be there within a millisecond or so, such as an upload whose bytes have come. It ends
/// when the write joins, or with this object.
public final class AnnouncedWrite: Sendable {
  private let group: CommitGroup
  private let isOpen = Guarded(true)

  init(to group: CommitGroup) {
    self.group = group
    group.announce()
  }

  deinit { if take() { group.withdraw() } }

  /// Ends it; says whether it was open still. The caller tells the group.
  func take() -> Bool {
    isOpen.withLock { isOpen in
      defer { isOpen = false }
      return isOpen
    }
  }
}

extension MetadataStore {
  /// Announces a write that will follow at once.
  public func announceWrite() -> AnnouncedWrite { AnnouncedWrite(to: commitGroup) }
}
