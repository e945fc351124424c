/// An artifact's `info/index.json`: what the package says about itself (CEP 34, for older packages conda's
/// practice).
///
/// A value exists only when everything in the file that a server or a client reads is well formed, so one bad
/// upload cannot make a whole channel unreadable. Keys nobody knows are kept in `fields`.
public struct IndexJSON: Hashable, Sendable {
  /// The file's name inside the artifact.
  public static let file = "info/index.json"

  /// All members as they stood in the file, known or not.
  public let fields: [String: JSONValue]
  /// The package's name; `fields["name"]` may spell it with capitals.
  public let name: PackageName
  /// The version, in conda's order.
  public let parsedVersion: Version
  /// The build string.
  public let build: BuildString
  /// The build number, 0 or more.
  public let buildNumber: Int64
  /// The platform's folder; derived from `platform` and `arch` when the file has none.
  public let subdir: Subdir
  /// What must be installed with it: match specs as written.
  public let depends: [String]
  /// What must match if it is installed: match specs as written.
  public let constrains: [String]
  /// `python` or `generic`, also for the legacy `noarch: true`; `nil` for a package of one platform.
  public let noarch: String?
  /// When the build started, in milliseconds of Unix time; a file that has seconds is converted.
  public let timestamp: Int64?
  /// Names whose absence the solver prefers; from text (split at spaces and commas) or an array.
  public let trackFeatures: [String]
  /// Where `noarch: python` packages go for this Python, relative to the prefix (CEP 17).
  public let pythonSitePackagesPath: String?
  /// The format of the file: 1 if it does not say, 2 as of CEP 34, 3 with conditional or extra dependencies
  /// or flags (CEP 43).
  public let schemaVersion: Int64

  /// The version as spelled; valid for a file name.
  public var version: String { parsedVersion.text }

  /// Whether the record may only stand under repodata's `v3` key, where older clients do not see it (CEP 43,
  /// 48).
  public var requiresV3: Bool { schemaVersion >= 3 }

  /// Reads the file.
  ///
  /// - Returns: The value, or every problem found: not JSON, not an object, keys missing, types wrong, values
  ///   outside their rules.
  public static func parse(_ bytes: [UInt8]) -> Result<IndexJSON, MetadataProblems> {
    MetadataFields.parse(bytes, file: file).flatMap { (fields) -> Result<IndexJSON, MetadataProblems> in
      var reader = IndexJSONReader(fields: fields)
      let value = reader.read()
      guard let value, reader.fields.problems.isEmpty else {
        return .failure(MetadataProblems(problems: reader.fields.problems))
      }
      return .success(value)
    }
  }
}
