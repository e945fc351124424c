internal import GRDB

/// Short forms of what every query does. The statements are compiled once per connection, so `sql` must be
/// constant; text put together at run time goes through GRDB's own methods.
extension Database {
  /// The first row, if any.
  func one(_ sql: String, _ arguments: StatementArguments = []) throws -> Row? {
    try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments)
  }

  /// All rows.
  func all(_ sql: String, _ arguments: StatementArguments = []) throws -> [Row] {
    try Row.fetchAll(cachedStatement(sql: sql), arguments: arguments)
  }

  /// Runs a statement whose rows do not matter; says how many rows it inserted, updated or deleted.
  @discardableResult
  func run(_ sql: String, _ arguments: StatementArguments = []) throws -> Int {
    try cachedStatement(sql: sql).execute(arguments: arguments)
    return changesCount
  }
}
