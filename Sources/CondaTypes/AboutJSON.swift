/// The descriptive part of an artifact's `info/about.json` (CEP 34) that a channel shows.
///
/// Old build tools wrote some of these as arrays: of URLs the first counts, texts are joined with `, `. Empty
/// text is no text.
public struct AboutJSON: Hashable, Sendable {
  /// The file's name inside the artifact.
  public static let file = "info/about.json"

  /// One sentence about the package.
  public var summary: String?
  /// A longer text about the package.
  public var description: String?
  /// The project's page.
  public var home: String?
  /// Where it is developed.
  public var devURL: String?
  /// Its documentation.
  public var docURL: String?
  /// The source of its documentation.
  public var docSourceURL: String?
  /// Where the source that was built came from.
  public var sourceURL: String?
  /// The git repository that was built.
  public var sourceGitURL: String?
  /// A picture for the package.
  public var iconURL: String?
  /// The digest of that picture, as the build tool wrote it.
  public var iconHash: String?
  /// Its licence, preferably an SPDX expression.
  public var license: String?
  /// The kind of licence, e.g. `BSD` (deprecated).
  public var licenseFamily: String?
  /// `identifiers`, `keywords` and `tags` as they stand (arrays or objects), when not empty.
  public var labels: [String: JSONValue] = [:]

  /// No description at all: what an artifact without the file says.
  public init() {}

  /// Reads the file. Its members are only descriptive, so a member of an odd type is passed over, not
  /// refused.
  ///
  /// - Returns: The value, or the one problem: not JSON, or not an object.
  public static func parse(_ bytes: [UInt8]) -> Result<AboutJSON, MetadataProblems> {
    MetadataFields.parse(bytes, file: file).map { AboutJSON(fields: $0.fields) }
  }

  private init(fields: [String: JSONValue]) {
    func texts(_ key: String) -> [String] {
      let values = fields[key].map { $0.asArray ?? [$0] } ?? []
      return values.compactMap(\.asString).filter { !$0.isEmpty }
    }
    func url(_ key: String) -> String? { texts(key).first }
    func text(_ key: String) -> String? {
      let texts = texts(key)
      return texts.isEmpty ? nil : texts.joined(separator: ", ")
    }
    summary = text("summary")
    description = text("description")
    home = url("home")
    devURL = url("dev_url")
    docURL = url("doc_url")
    docSourceURL = url("doc_source_url")
    sourceURL = url("source_url")
    sourceGitURL = url("source_git_url")
    iconURL = url("icon_url")
    iconHash = text("icon_hash")
    license = text("license")
    licenseFamily = text("license_family")
    labels = fields.filter { key, value in
      ChannelDataEntry.labelKeys.contains(key) && value.asArray?.isEmpty != true
        && value.asObject?.isEmpty != true
        && value != .null && value != .string("")
    }
  }
}
