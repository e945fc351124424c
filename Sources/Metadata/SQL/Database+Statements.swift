internal import GRDB

/// Short forms of what every query does. The statements are compiled once per connection, so `sql` must be
/// constant; text put together at run time goes through GRDB's own methods.
extension Database {
  /// The first row, if any.
  func one(_ sql: String, _ arguments: StatementArguments = []) throws -> Row? {
    try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments)
  }

  /// What the first row says, if there is any.
  ///
  /// Reads it where it lies; a row that is copied first takes longer to find its columns than to be read. `make` must not
  /// run the same statement.
  func one<Value>(
    _ sql: String, _ arguments: StatementArguments = [], as make: (Row) throws -> Value
  ) throws -> Value? {
    let rows = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
    return try rows.next().map(make)
  }

  /// What all rows say; likewise.
  func all<Value>(
    _ sql: String, _ arguments: StatementArguments = [], as make: (Row) throws -> Value
  ) throws -> [Value] {
    let rows = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
    var values: [Value] = []
    while let row = try rows.next() { values.append(try make(row)) }
    return values
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
