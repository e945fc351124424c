internal import GRDB
import Locks

/// Lets the index follow within the transaction that changes the rows: asked before every commit of the group.
final class IndexFollower: Sendable {
  /// More marks than this are no upload's but a backlog's, which is worked off in transactions of its own.
  static let maximumMarks = 300

  private struct Subdir: Hashable {
    let channelID: Int64
    let subdir: String
  }

  private let writer = Guarded<(any IndexWriter)?>(nil)
  /// The subdirs whose update is in the open transaction, and whether it leaves no mark anywhere.
  private let open = Guarded<(subdirs: Set<Subdir>, isLevel: Bool)>(([], false))
  private let level = Guarded(false)

  /// Whether the last commit left no mark anywhere.
  var isLevel: Bool { level.withLock { $0 } }

  func use(_ writer: (any IndexWriter)?) { self.writer.withLock { $0 = writer } }

  /// Called before a commit. What cannot be done now (a full disk, say) stays marked, and the commit goes on without it.
  func follow(in db: Database) throws {
    guard let writer = writer.withLock({ $0 }) else { return }
    let marks = try db.all(
      "SELECT * FROM staleShard ORDER BY channelID, subdir, packageName LIMIT ?", [Self.maximumMarks + 1],
      as: IndexMark.init(row:))
    if marks.count > Self.maximumMarks { return }
    open.withLock { $0.isLevel = true }
    let groups = Dictionary(grouping: marks) { Subdir(channelID: $0.channelID, subdir: $0.subdir) }
    for (key, marks) in groups {
      do {
        try db.inSavepoint {
          try update(key, marks, isComplete: true, with: writer, in: db)
          return .commit
        }
      } catch {
        writer.forget(channelID: key.channelID, subdir: key.subdir)
        open.withLock { $0.isLevel = false }
        // SQLite ended the transaction on its own: then nothing of it can be saved.
        if !db.isInsideTransaction { throw error }
      }
    }
  }

  /// Works off at most `limit` marks of one subdir; says whether there are more. Makes the index also without any.
  func followBacklog(channelID: Int64, subdir: String, limit: Int, in db: Database) throws -> Bool {
    guard let writer = writer.withLock({ $0 }) else { return false }
    let marks = try db.all(
      "SELECT * FROM staleShard WHERE channelID = ? AND subdir = ? ORDER BY packageName LIMIT ?",
      [channelID, subdir, limit + 1], as: IndexMark.init(row:))
    let isComplete = marks.count <= limit
    let key = Subdir(channelID: channelID, subdir: subdir)
    do {
      try update(key, Array(marks.prefix(limit)), isComplete: isComplete, with: writer, in: db)
    } catch {
      writer.forget(channelID: channelID, subdir: subdir)
      throw error
    }
    return !isComplete
  }

  /// Called after the transaction ended.
  func settle(isCommitted: Bool) {
    let (subdirs, isLevel) = open.withLock { open in
      defer { open = ([], false) }
      return open
    }
    if isCommitted {
      level.withLock { $0 = isLevel }
      return
    }
    let writer = writer.withLock { $0 }
    for key in subdirs { writer?.forget(channelID: key.channelID, subdir: key.subdir) }
  }

  private func update(
    _ key: Subdir, _ marks: [IndexMark], isComplete: Bool, with writer: any IndexWriter, in db: Database
  ) throws {
    open.withLock { _ = $0.subdirs.insert(key) }
    let source = IndexSource(
      channelID: key.channelID, subdir: key.subdir, marks: marks, isComplete: isComplete, database: db)
    try db.apply(writer.makeUpdate(source))
  }
}

extension MetadataStore {
  /// Lets an index follow every change within its own transaction from now on; nil ends that.
  public func setIndexWriter(_ writer: (any IndexWriter)?) { indexFollower.use(writer) }

  /// Works off marked shards of a subdir in a transaction, and makes its shard index anew once none is left.
  ///
  /// - Parameter limit: How many shards at most; a bound on how long other writers wait.
  /// - Returns: Whether there are more.
  /// - Throws: What the `IndexWriter` threw, as `.unexpected` with the error below; `.notFound` if the channel is gone.
  public func followIndex(
    channelID: Int64, subdir: String, limit: Int = 500
  ) async throws(MetadataError) -> Bool {
    try await write { [indexFollower] db in
      _ = try db.requireChannel(id: channelID)
      return try indexFollower.followBacklog(channelID: channelID, subdir: subdir, limit: limit, in: db)
    }
  }
}
