internal import GRDB

/// Why the database refused or failed, in a form that callers can branch on.
///
/// `description` is safe to show (no SQL, no values); `debugDescription` has everything and belongs in the
/// log.
public struct MetadataError: Error, Sendable {
  /// What happened, as far as a caller can act on it.
  public enum Kind: Equatable, Sendable {
    /// No such user, channel, package, …
    case notFound
    /// A unique constraint: the `what` (a table's name, e.g. `artifact`, `channel`, `user`) exists already.
    case conflict(what: String)
    /// Another constraint of the schema refused the row.
    case constraint
    /// The artifact does not fit into the channel's quota of `limit` bytes.
    case quotaExceeded(limit: Int64)
    /// A user, or a channel, has as many jobs that wait or run as there may be.
    case tooManyJobs(limit: Int, isChannels: Bool)
    /// The disk is full.
    case outOfSpace
    /// Another process kept the database locked for longer than the busy timeout.
    case locked
    /// The file is not a database, or is damaged.
    case damaged
    /// The waiting task was cancelled (reads only; a write that was accepted is always finished).
    case cancelled
    /// Anything else.
    case unexpected
  }

  /// What happened.
  public let kind: Kind
  /// A sentence that is safe to show to a user.
  public let message: String
  /// The error below this one, if any.
  public let underlying: (any Error)?

  /// An error of a kind, with a sentence that is safe to show.
  public init(_ kind: Kind, _ message: String, underlying: (any Error)? = nil) {
    self.kind = kind
    self.message = message
    self.underlying = underlying
  }
}

// MARK: - Printing

extension MetadataError: CustomStringConvertible, CustomDebugStringConvertible {
  /// The safe sentence.
  public var description: String { message }

  /// Kind, sentence and the whole error below.
  public var debugDescription: String {
    let cause = underlying.map { " (\(String(reflecting: $0)))" } ?? ""
    return "\(kind): \(message)\(cause)"
  }
}

// MARK: - Translation

extension MetadataError {
  /// Translates whatever came out of a database closure.
  init(translating error: any Error) {
    switch error {
    case let error as MetadataError: self = error
    case let error as DatabaseError: self.init(translating: error)
    case is CancellationError: self.init(.cancelled, "the request was cancelled", underlying: error)
    default: self.init(.unexpected, "the database failed", underlying: error)
    }
  }

  private init(translating error: DatabaseError) {
    switch error.resultCode {
    case .SQLITE_CONSTRAINT: self.init(translatingConstraint: error)
    case .SQLITE_FULL: self.init(.outOfSpace, "the disk is full", underlying: error)
    case .SQLITE_BUSY, .SQLITE_LOCKED: self.init(.locked, "the database is locked", underlying: error)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self.init(.damaged, "the database file is damaged", underlying: error)
    case .SQLITE_INTERRUPT: self.init(.cancelled, "the request was cancelled", underlying: error)
    default: self.init(.unexpected, "the database failed", underlying: error)
    }
  }

  private init(translatingConstraint error: DatabaseError) {
    switch error.extendedResultCode {
    case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY, .SQLITE_CONSTRAINT_ROWID:
      let what = Self.table(inUniqueMessage: error.message ?? "")
      self.init(.conflict(what: what), "this \(what) exists already", underlying: error)
    default:
      self.init(.constraint, "the database refused the values", underlying: error)
    }
  }

  /// `UNIQUE constraint failed: artifact.channelID, artifact.subdir` → `artifact`.
  private static func table(inUniqueMessage message: String) -> String {
    guard let colon = message.firstIndex(of: ":") else { return "row" }
    let columns = message[message.index(after: colon)...].drop { $0 == " " }
    return columns.contains(".") ? String(columns.prefix { $0 != "." }) : "row"
  }
}
