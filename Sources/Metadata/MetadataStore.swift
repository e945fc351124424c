internal import GRDB
import Locks

/// The database: users, channels, packages, artifacts, API keys, and what the index is made of.
///
/// One public method is one transaction. Reads run concurrently on connections of their own and see one
/// consistent snapshot each; writes are serialised, share commits (`CommitGroup`), and are durable when the
/// method returns (WAL with `synchronous=FULL`). The methods are in extensions, one folder per noun.
public final class MetadataStore: Sendable {
  let pool: DatabasePool
  let commitGroup: CommitGroup
  let indexFollower = IndexFollower()
  private let accessObserver = AccessObserver()
  private let checkpoints: WALCheckpoints
  private let underWay = Guarded(0)
  /// How many connections there are at most: the readers and one writer.
  public let connectionLimit: Int

  /// What the writer keeps of the database in memory: uploads into a large channel touch pages all over it.
  private static let writerCacheKiB = 16 << 10

  private init(pool: DatabasePool) throws {
    self.pool = pool
    self.connectionLimit = pool.configuration.maximumReaderCount + 1
    self.checkpoints = try WALCheckpoints(pool: pool)
    self.commitGroup = CommitGroup(pool: pool, follower: indexFollower, checkpoints: checkpoints)
    pool.add(transactionObserver: accessObserver, extent: .databaseLifetime)
  }

  /// Opens, and if need be creates, the database file. Blocking, for startup only; does not migrate.
  ///
  /// - Parameters:
  ///   - path: The file; its folder must exist. `-wal` and `-shm` files appear beside it.
  ///   - readers: How many reads can run at the same time (one connection each).
  /// - Throws: `.damaged` if the file is no database; `.unexpected` if it cannot be opened.
  public static func open(at path: String, readers: Int = 4) throws(MetadataError) -> MetadataStore {
    var configuration = Configuration()
    configuration.label = "metadata"
    configuration.foreignKeysEnabled = true
    configuration.busyMode = .timeout(5)
    configuration.maximumReaderCount = max(1, readers)
    return try translating {
      let pool = try DatabasePool(path: path, configuration: configuration)
      // GRDB leaves a WAL database at NORMAL, which may lose the last commits when the power fails.
      try pool.writeWithoutTransaction { db in
        try db.execute(sql: "PRAGMA synchronous = FULL")
        try db.execute(sql: "PRAGMA cache_size = -\(writerCacheKiB)")
        // What savepoints may have to put back is kept in memory: a temporary file per transaction costs an inode each,
        // and two system calls per page.
        try db.execute(sql: "PRAGMA temp_store = MEMORY")
        // A log that grew while a long read held it back is cut again when it begins anew.
        try db.execute(sql: "PRAGMA journal_size_limit = \(64 << 20)")
      }
      return try MetadataStore(pool: pool)
    }
  }

  /// Brings the schema up to date. Blocking, for startup and `init-db` only.
  ///
  /// - Throws: `.unexpected` if the schema was made by a newer release.
  public func migrate() throws(MetadataError) {
    if try hasPendingMigrations() {
      try translating { try Schema.migrator.migrate(pool) }
    }
  }

  /// Whether `migrate()` has something to do. Blocking, for startup only.
  ///
  /// - Throws: `.unexpected` if the schema was made by a newer release.
  public func hasPendingMigrations() throws(MetadataError) -> Bool {
    try translating {
      try pool.read { db in
        if try Schema.migrator.hasBeenSuperseded(db) {
          throw MetadataError(.unexpected, "the database was written by a newer release of this server")
        }
        return try !Schema.migrator.hasCompletedMigrations(db)
      }
    }
  }

  /// Closes all connections, after the writes under way. Blocking.
  public func close() throws(MetadataError) {
    try translating {
      // The pool first: its last commit may still hand work to the checkpoints.
      try pool.close()
      try checkpoints.close()
    }
  }

  /// Grows with every committed change, before the method that made it returns.
  ///
  /// An answer that was read after this was taken may be kept and given again for as long as this stays the same.
  public var changeCount: Int { commitGroup.changeCount }

  /// Grows with every committed change to users, keys, members or sessions, before the method that made it returns.
  ///
  /// Who was found to be allowed something after this was taken is still allowed as long as it stays the same.
  public var accessCount: Int { accessObserver.accessCount }

  /// Whether, after the last commit, every change was in the shards and shard indexes of its subdir.
  public var isIndexLevel: Bool { indexFollower.isLevel }

  /// How many reads and writes run or wait.
  public var operationsUnderWay: Int { underWay.withLock { $0 } }

  /// Runs a read in a snapshot of its own, on the calling thread. Blocks.
  func readNow<Value>(_ body: (Database) throws -> Value) throws(MetadataError) -> Value {
    underWay.withLock { $0 += 1 }
    defer { underWay.withLock { $0 -= 1 } }
    return try translating { try pool.read(body) }
  }

  /// Runs a read in a snapshot of its own, on a reader's queue.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(MetadataError) -> Value {
    underWay.withLock { $0 += 1 }
    defer { underWay.withLock { $0 -= 1 } }
    do {
      return try await pool.read(body)
    } catch {
      throw MetadataError(translating: error)
    }
  }

  /// Runs a write and returns once it is durable. The body may share its transaction with other writes.
  ///
  /// - Parameters:
  ///   - isLarge: Whether it may change more than a few hundred rows; then it shares its transaction with nobody.
  ///   - isRepeatable: Whether the body does nothing but read and write rows, so that it can be run a second time.
  ///   - announced: How it was announced, if it was.
  func write<Value: Sendable>(
    isLarge: Bool = false, isRepeatable: Bool = false, announced: AnnouncedWrite? = nil,
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(MetadataError) -> Value {
    underWay.withLock { $0 += 1 }
    defer { underWay.withLock { $0 -= 1 } }
    // The body runs outside of this task: what it writes down needs the request with it.
    let origin = AuditOrigin.current
    do {
      return try await commitGroup.write(isLarge: isLarge, isRepeatable: isRepeatable, announced: announced) {
        db in
        try AuditOrigin.$current.withValue(origin) { try body(db) }
      }
    } catch {
      throw MetadataError(translating: error)
    }
  }
}

/// Runs a body whose errors may be of any type, and throws ours.
func translating<Value>(_ body: () throws -> Value) throws(MetadataError) -> Value {
  do {
    return try body()
  } catch {
    throw MetadataError(translating: error)
  }
}
