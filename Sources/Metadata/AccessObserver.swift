internal import GRDB
internal import Synchronization

/// Counts the commits that may have changed who may do what: users, keys, members, sessions.
///
/// A statement counts as a change as soon as it may write to one of these tables, whether or not a row changed: SQLite
/// tells nobody about single rows of tables without a rowid.
final class AccessObserver: TransactionObserver, Sendable {
  private static let tables: Set<String> = ["user", "apiKey", "channelMember", "packageMember", "session"]

  private let count = Atomic<Int>(0)
  private let isTouched = Atomic<Bool>(false)

  /// Grows with every such commit, before its writer goes on.
  var accessCount: Int { count.load(ordering: .acquiring) }

  func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool {
    // A new member of a package takes nothing from anybody, and every first upload of a package has one.
    if case .insert("packageMember") = eventKind { return false }
    if Self.tables.contains(eventKind.tableName) { isTouched.store(true, ordering: .relaxed) }
    return false
  }

  func databaseDidChange(with event: DatabaseEvent) {}

  func databaseDidCommit(_ db: Database) {
    if isTouched.exchange(false, ordering: .relaxed) { count.add(1, ordering: .acquiringAndReleasing) }
  }

  /// What was undone may have been done again since: the mark stays, at the cost of one count too many.
  func databaseDidRollback(_ db: Database) {}
}
