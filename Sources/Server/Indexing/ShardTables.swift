import CondaTypes
import Locks

/// The shard tables of the subdirs that were written to last, so that an upload does not read 30,000 rows to change one.
///
/// A copy of rows: whatever is dropped is read again. Bounded by their bytes.
final class ShardTables: Sendable {
  private struct Entry {
    var table: ShardTable
    var lastUse: UInt64
  }

  private struct State {
    var entries: [SubdirKey: Entry] = [:]
    var uses: UInt64 = 0
  }

  private let state = Guarded(State())
  private let capacity: Int

  /// - Parameter capacity: Bytes kept; one table is always kept, whatever its size. A table of 30,000 names takes 3 MB.
  init(capacity: Int = 16 << 20) { self.capacity = capacity }

  /// Takes a table out, so that its changes copy nothing; `nil` if it must be read.
  func take(_ key: SubdirKey) -> ShardTable? { state.withLock { $0.entries.removeValue(forKey: key)?.table } }

  /// Puts a table (back) in, and drops those unused for longest while there are too many bytes.
  func put(_ table: ShardTable, for key: SubdirKey) {
    state.withLock { state in
      state.uses += 1
      state.entries[key] = Entry(table: table, lastUse: state.uses)
      while state.entries.count > 1, state.entries.values.reduce(0, { $0 + $1.table.memorySize }) > capacity,
        let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse })
      {
        state.entries[oldest.key] = nil
      }
    }
  }

  func forget(_ key: SubdirKey) { state.withLock { $0.entries[key] = nil } }
}
