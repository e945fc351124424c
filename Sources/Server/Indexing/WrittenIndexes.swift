import CondaTypes
import Foundation
import Locks

/// The shard indexes written lately: each upload into a large subdir leaves one of a megabyte behind.
///
/// The last ones stay, because a reader may just have asked where one is and a transaction may fail. What a crash leaves
/// behind goes with the garbage collection.
final class WrittenIndexes: Sendable {
  /// How many of the last ones stay in any case, and for how long all of them do.
  private static let kept = 32
  private static let grace: TimeInterval = 5

  private let written = Guarded<[(digest: Digest, time: Date)]>([])

  /// Notes an index; says which older ones may be removed if nothing refers to them.
  func add(_ digest: Digest, at now: Date) -> Set<Digest> {
    written.withLock { written in
      written.append((digest, now))
      let end = now.addingTimeInterval(-Self.grace)
      let count = written.dropLast(Self.kept).prefix { $0.time < end }.count
      let due = Set(written.prefix(count).map(\.digest))
      written.removeFirst(count)
      return due.subtracting(written.map(\.digest))
    }
  }
}
