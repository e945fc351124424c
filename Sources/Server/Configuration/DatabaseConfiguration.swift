/// `[sqlalchemy]` — upstream's name of the section is kept.
///
/// - `database_url` (string, required): `sqlite:///./quetz.sqlite` (relative to the deployment) or
///   `sqlite:////absolute/path.sqlite`. Other databases are refused by name.
/// - `echo_sql`, `postgres_pool_size`, `postgres_max_overflow`, `database_plugin_path`: accepted, unused.
package struct DatabaseConfiguration: Sendable {
  /// The database file, relative to the deployment folder or absolute.
  package var path: String

  package init(reading reader: inout ConfigurationReader) {
    let url = reader.requiredString("sqlalchemy", "database_url")
    path = ""
    if url.hasPrefix("sqlite:///") {
      path = String(url.dropFirst("sqlite:///".count))
      if path.isEmpty { reader.report("sqlalchemy", "database_url", "found no file name after sqlite:///") }
    } else if !url.isEmpty {
      let scheme = url.prefix { $0 != ":" }
      reader.report(
        "sqlalchemy", "database_url",
        "found a \(scheme) database, expected sqlite:///PATH (metadata is kept in SQLite)"
      )
    }
    _ = reader.string("sqlalchemy", "database_plugin_path", default: "")
    _ = reader.bool("sqlalchemy", "echo_sql", default: false)
    _ = reader.integer("sqlalchemy", "postgres_pool_size", default: 10, in: 0...Int64.max)
    _ = reader.integer("sqlalchemy", "postgres_max_overflow", default: 100, in: 0...Int64.max)
  }
}
