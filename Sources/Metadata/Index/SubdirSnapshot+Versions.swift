import Foundation
internal import GRDB

/// What an artifact's record can be chosen by, without reading the record.
public struct RecordCandidate: Hashable, Sendable {
  /// Names the record in this snapshot.
  public var key: Int64
  /// E.g. `a-1.0-0.conda`.
  public var fileName: String
  /// `conda` or `tar.bz2`.
  public var format: String
  /// As the artifact spells it.
  public var version: String
  /// `Version.sortKey`: equal for equal versions, in conda's order by its bytes.
  public var versionKey: [UInt8]
  /// The build string.
  public var build: String
  /// The build number.
  public var buildNumber: Int64
}

extension SubdirSnapshot {
  /// Visits the packages that have records in `packages` or `packages.conda`, with their newest version's key.
  public func forEachPackage(_ visit: (_ id: Int64, _ name: String, _ newest: [UInt8]) throws -> Void) throws
  {
    let rows = try Row.fetchCursor(
      database.cachedStatement(sql: RecordCandidate.selectPackages),
      arguments: ["channelID": channelID, "subdir": subdir])
    while let row = try rows.next() {
      let newest: Data? = try row.value("newest")
      if let newest { try visit(row.value("id"), row.value("name"), [UInt8](newest)) }
    }
  }

  /// The records of a package's version, the last build first, then by file name.
  public func candidates(packageID: Int64, versionKey: [UInt8]) throws -> [RecordCandidate] {
    try database.all(RecordCandidate.selectVersion, [packageID, subdir, Data(versionKey)])
      .map(RecordCandidate.init(row:))
  }

  /// The first of a package's records, the newest first, that a condition holds for.
  public func newestCandidate(
    packageID: Int64, where condition: (RecordCandidate) throws -> Bool
  ) throws -> RecordCandidate? {
    let rows = try Row.fetchCursor(
      database.cachedStatement(sql: RecordCandidate.selectAll), arguments: [packageID, subdir])
    while let row = try rows.next() {
      let candidate = try RecordCandidate(row: row)
      if try condition(candidate) { return candidate }
    }
    return nil
  }

  /// Lends the JSON text of a record.
  public func withRecord<Value>(key: Int64, _ body: (UnsafeRawBufferPointer) throws -> Value) throws -> Value
  {
    let rows = try Row.fetchCursor(
      database.cachedStatement(sql: "SELECT json FROM artifactRecord WHERE artifactKey = ?"), arguments: [key]
    )
    guard let row = try rows.next() else { throw MetadataError(.damaged, "a package record is missing") }
    return try row.withUnsafeData(atIndex: 0) { json in
      guard let json else { throw MetadataError(.damaged, "a package record is missing") }
      return try json.withUnsafeBytes(body)
    }
  }
}

extension RecordCandidate {
  private static let columns = "key, fileName, format, version, versionKey, build, buildNumber"

  static let selectPackages = """
    SELECT id, name, (
      SELECT max(versionKey) FROM artifact
      WHERE packageID = package.id AND subdir = :subdir AND placement = 'packages') AS newest
    FROM package WHERE channelID = :channelID ORDER BY name
    """

  static let selectVersion = """
    SELECT \(columns) FROM artifact
    WHERE packageID = ? AND subdir = ? AND placement = 'packages' AND versionKey = ?
    ORDER BY buildNumber DESC, fileName
    """

  static let selectAll = """
    SELECT \(columns) FROM artifact WHERE packageID = ? AND subdir = ? AND placement = 'packages'
    ORDER BY versionKey DESC, buildNumber DESC, fileName
    """

  fileprivate init(row: Row) throws {
    let versionKey: Data = try row.value("versionKey")
    self.init(
      key: try row.value("key"), fileName: try row.value("fileName"), format: try row.value("format"),
      version: try row.value("version"), versionKey: [UInt8](versionKey), build: try row.value("build"),
      buildNumber: try row.value("buildNumber"))
  }
}
