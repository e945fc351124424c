internal import GRDB
internal import GRDBSQLite
import Locks

/// Moves what the write-ahead log has gathered into the database file, beside the writers instead of in their way.
///
/// Left alone, SQLite does this within the commit that makes the log longer than 1000 pages: thousands of pages are
/// written and the file is synced while every upload waits, half a second where a long read had held the log back. Here a
/// connection of its own moves the pages while writers go on; only the few pages that came in meanwhile are moved between
/// two commits, and that only where the log would go on growing. After that the log begins anew.
final class WALCheckpoints: Sendable {
  /// Pages in the log (4 KiB each) from which it is worth moving them.
  static let threshold: Int32 = 4000
  /// So few are left to the writer: they take it a millisecond.
  private static let fewPages: Int32 = 250
  /// From so many pages on the log is made to begin anew, rather than waiting for a moment without writers.
  private static let longLog: Int32 = 16_000

  private struct State {
    /// The length of the log after the last commit, in pages.
    var pages: Int32 = 0
    /// The length from which the next move begins.
    var nextStart = WALCheckpoints.threshold
    var isRunning = false
    /// Whether the writer moves the rest after its next commit.
    var leavesRestToWriter = false
  }

  private let state = Guarded(State())
  /// Opened beside the pool, whose readers may not write.
  private let connection: DatabaseQueue

  /// Watches the log of a pool, from a connection of its own to the same file.
  init(pool: DatabasePool) throws {
    var configuration = Configuration()
    configuration.label = "metadata-checkpoints"
    connection = try DatabaseQueue(path: pool.path, configuration: configuration)
    pool.writeWithoutTransaction { db in
      // It takes the place of SQLite's own, which is such a hook too. The pool and this have the same owner.
      _ = sqlite3_wal_hook(
        db.sqliteConnection,
        { context, _, _, pages in
          guard let context else { return SQLITE_OK }
          Unmanaged<WALCheckpoints>.fromOpaque(context).takeUnretainedValue().note(pages: pages)
          return SQLITE_OK
        }, Unmanaged.passUnretained(self).toOpaque())
    }
  }

  /// To be called on the writer's queue after a commit, when nobody waits for it any more.
  func afterCommit(in db: Database) {
    let (isRest, isStart) = state.withLock { state -> (Bool, Bool) in
      let isRest = state.leavesRestToWriter
      state.leavesRestToWriter = false
      let isStart = !state.isRunning && state.pages >= state.nextStart
      if isStart { state.isRunning = true }
      return (isRest, isStart)
    }
    if isRest { _ = Self.move(db) }
    if isStart { connection.asyncWriteWithoutTransaction { db in self.moveBesideWriters(db) } }
  }

  /// Ends the work under way. Blocking.
  func close() throws { try connection.close() }

  private func note(pages: Int32) {
    state.withLock { state in
      if pages < state.pages { state.nextStart = Self.threshold }  // the log began anew
      state.pages = pages
    }
  }

  private func moveBesideWriters(_ db: Database) {
    var rest = Int32.max
    // Each round moves what came in during the one before; a long read may hold the rest back.
    while let (length, moved) = Self.move(db), length - moved < rest {
      rest = length - moved
      if rest <= Self.fewPages { break }
    }
    state.withLock { state in
      state.isRunning = false
      state.leavesRestToWriter = rest <= Self.fewPages && state.pages >= Self.longLog
      state.nextStart = state.pages + Self.threshold
    }
  }

  /// Moves what no reader needs in the log, without waiting for anybody.
  ///
  /// - Returns: The length of the log, and how much of it is in the database file now; nil if somebody else is moving, or
  ///   the connection was closed before its turn came.
  private static func move(_ db: Database) -> (length: Int32, moved: Int32)? {
    guard let connection = db.sqliteConnection else { return nil }
    var length: Int32 = 0
    var moved: Int32 = 0
    let code = sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_PASSIVE, &length, &moved)
    return code == SQLITE_OK && length >= 0 ? (length, moved) : nil
  }
}
