import Dispatch
internal import GRDB
import Locks

/// Lets concurrent writers share commits, so that many small writes cost one `fsync`.
///
/// A write joins the queue and waits. Whenever no transaction runs, everything queued is executed in one
/// transaction, each write in a savepoint of its own, followed by one commit; only then do the waiters go on:
/// ```
/// BEGIN IMMEDIATE
///   SAVEPOINT   write 1   RELEASE
///   SAVEPOINT   write 2   ROLLBACK TO     ← it threw: it alone is undone, and gets its own error
///   SAVEPOINT   write 3   RELEASE
///   the index follows (`IndexFollower`): shards and shard indexes of what these writes changed
/// COMMIT                                  ← fails: every write of the group fails with this error
/// ```
/// A lone writer waits for nobody: the first write starts at once, and those that arrive while it is being
/// committed form the next group. Only where further writes were announced (`AnnouncedWrite`) does a small group wait
/// for them, a moment at most. A group of one needs no savepoint. Nor does a group whose writes can be run again: where one
/// of them throws, all of it is undone and run with savepoints. Neither does a write of any size (`isLarge`), which
/// always is a group of its own: a savepoint keeps the former content of every page in memory until it ends, and SQLite
/// goes through all of that with each statement. Everything runs on GRDB's writer queue, never on the cooperative pool.
final class CommitGroup: Sendable {
  /// A bound on how long one transaction, and with it the wait of its first writer, can get.
  static let maximumSize = 256
  /// A group of so many waits for no announced write: what writes share is shared by enough.
  static let worthwhileSize = 4
  /// How long a write waits for announced ones at most.
  private static let patience = DispatchTimeInterval.milliseconds(2)

  /// How many transactions were committed, for how many writes.
  struct Statistics: Equatable, Sendable {
    var commits = 0
    var writes = 0
  }

  private struct State {
    var waiting: [any QueuedWrite] = []
    /// How many writes are on their way to `waiting`.
    var announced = 0
    var isDraining = false
    /// Whether somebody will look after the patience is over.
    var isTimed = false
    /// Whether the patience with announced writes is over.
    var isOverdue = false
    var statistics = Statistics()

    /// Whether what waits is to be written now.
    var isDue: Bool {
      !waiting.isEmpty && (announced == 0 || isOverdue || waiting.count >= CommitGroup.worthwhileSize)
    }

    /// Whether the caller is to begin draining.
    mutating func begin() -> Bool {
      guard isDue, !isDraining else { return false }
      isDraining = true
      return true
    }
  }

  private let pool: DatabasePool
  private let follower: IndexFollower
  private let checkpoints: WALCheckpoints
  private let state = Guarded(State())

  init(pool: DatabasePool, follower: IndexFollower, checkpoints: WALCheckpoints) {
    self.pool = pool
    self.follower = follower
    self.checkpoints = checkpoints
  }

  var statistics: Statistics { state.withLock { $0.statistics } }

  /// Grows with every transaction, before its writers go on: what was read at one count is true as long as it stands.
  var changeCount: Int { state.withLock { $0.statistics.commits } }

  /// How many writes wait for the next transaction.
  var waitingCount: Int { state.withLock { $0.waiting.count } }

  /// Runs a body within a shared transaction; returns once that transaction is durable.
  ///
  /// Not cancellable: a write that joined the queue is finished and reported.
  ///
  /// - Parameters:
  ///   - isLarge: Whether it may change more than a few hundred rows.
  ///   - isRepeatable: Whether the body does nothing but read and write rows, so that it can be run a second time.
  ///   - announced: How it was announced, if it was.
  func write<Value: Sendable>(
    isLarge: Bool, isRepeatable: Bool = false, announced: AnnouncedWrite? = nil,
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let write = BodyWrite(
        isLarge: isLarge, isRepeatable: isRepeatable, body: body, continuation: continuation)
      let isExpected = announced?.take() ?? false
      let mustStart = state.withLock { state in
        state.waiting.append(write)
        if isExpected { state.announced -= 1 }
        return state.begin()
      }
      if mustStart { startDraining() } else { setTimer() }
    }
  }

  /// Notes that a write is on its way.
  func announce() { state.withLock { $0.announced += 1 } }

  /// Notes that an announced write does not come.
  func withdraw() {
    let mustStart = state.withLock { state in
      state.announced -= 1
      return state.begin()
    }
    if mustStart { startDraining() }
  }

  private func startDraining() {
    pool.asyncWriteWithoutTransaction { db in self.drain(db) }
  }

  /// Sees to it that what waits for announced writes does not wait longer than the patience allows.
  private func setTimer() {
    let mustSet = state.withLock { state in
      guard !state.isDraining, !state.isTimed, !state.waiting.isEmpty else { return false }
      state.isTimed = true
      return true
    }
    guard mustSet else { return }
    DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) {
      let mustStart = self.state.withLock { state in
        state.isTimed = false
        state.isOverdue = !state.waiting.isEmpty
        return state.begin()
      }
      if mustStart { self.startDraining() }
    }
  }

  private func drain(_ db: Database) {
    while let group = nextGroup() {
      let failure = commit(group, in: db)
      follower.settle(isCommitted: failure == nil)
      if failure == nil {
        state.withLock { state in
          state.statistics.commits += 1
          state.statistics.writes += group.count
        }
      }
      for write in group { write.finish(failure: failure) }
      checkpoints.afterCommit(in: db)
    }
    setTimer()
  }

  /// The next writes to run together; `nil`, and draining is over, when there are none, or those there are may wait.
  private func nextGroup() -> [any QueuedWrite]? {
    state.withLock { state in
      guard state.isDue else {
        state.isDraining = false
        return nil
      }
      state.isOverdue = false
      var group = Array(state.waiting.prefix(Self.maximumSize))
      if let large = group.firstIndex(where: \.isLarge) { group.removeSubrange(max(large, 1)...) }
      state.waiting.removeFirst(group.count)
      return group
    }
  }

  /// Runs and commits a group; what comes back is the error that undid all of it.
  private func commit(_ group: [any QueuedWrite], in db: Database) -> (any Error)? {
    if group.count > 1, group.allSatisfy(\.isRepeatable) {
      if run(group, inSavepoints: false, in: db) == nil { return nil }
      follower.settle(isCommitted: false)
    }
    return run(group, inSavepoints: group.count > 1, in: db)
  }

  /// Without savepoints the first error of a write undoes all of them.
  private func run(_ group: [any QueuedWrite], inSavepoints: Bool, in db: Database) -> (any Error)? {
    do {
      try db.inTransaction(.immediate) {
        for write in group {
          write.run(in: db, inSavepoint: inSavepoints)
          if !inSavepoints, let failure = write.failure { throw failure }
          // SQLite ends the whole transaction on its own after some errors (disk full, I/O error). Going on
          // would commit the following writes one by one and lose the earlier ones in silence.
          if !db.isInsideTransaction {
            throw write.failure ?? DatabaseError(resultCode: .SQLITE_ABORT)
          }
        }
        try follower.follow(in: db)
        return .commit
      }
      return nil
    } catch {
      return error
    }
  }
}

/// A write that waits for its turn: run once, or twice if it is repeatable, then finished once.
private protocol QueuedWrite: Sendable {
  /// The error of the body, if it ran and threw.
  var failure: (any Error)? { get }
  var isLarge: Bool { get }
  var isRepeatable: Bool { get }
  func run(in db: Database, inSavepoint: Bool)
  func finish(failure: (any Error)?)
}

private final class BodyWrite<Value: Sendable>: QueuedWrite {
  let isLarge: Bool
  let isRepeatable: Bool
  private let body: @Sendable (Database) throws -> Value
  private let continuation: CheckedContinuation<Value, any Error>
  private let result = Guarded<Result<Value, any Error>?>(nil)

  init(
    isLarge: Bool, isRepeatable: Bool, body: @escaping @Sendable (Database) throws -> Value,
    continuation: CheckedContinuation<Value, any Error>
  ) {
    self.isLarge = isLarge
    self.isRepeatable = isRepeatable
    self.body = body
    self.continuation = continuation
  }

  var failure: (any Error)? {
    result.withLock { result in
      if case .failure(let error)? = result { error } else { nil }
    }
  }

  func run(in db: Database, inSavepoint: Bool) {
    let outcome: Result<Value, any Error>
    do {
      var value: Value?
      if inSavepoint {
        try db.inSavepoint {
          value = try body(db)
          return .commit
        }
      } else {
        value = try body(db)
      }
      outcome = value.map { .success($0) } ?? .failure(DatabaseError(resultCode: .SQLITE_ABORT))
    } catch {
      outcome = .failure(error)
    }
    result.withLock { $0 = outcome }
  }

  func finish(failure: (any Error)?) {
    let outcome = result.withLock { $0 }
    if let failure {
      continuation.resume(throwing: failure)
    } else {
      continuation.resume(with: outcome ?? .failure(DatabaseError(resultCode: .SQLITE_ABORT)))
    }
  }
}
