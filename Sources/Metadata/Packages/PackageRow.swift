public import Foundation
internal import GRDB

/// A package: a name in a channel, and what its artifacts say about it.
public struct PackageRow: Hashable, Sendable {
  /// Never used again.
  public var id: Int64
  /// Its channel.
  public var channelID: Int64
  /// Lower case, unique in the channel.
  public var name: String
  /// One line, from the first upload or from whoever made the package.
  public var summary: String?
  /// Longer text, likewise.
  public var description: String?
  /// Home page of the newest version.
  public var url: String?
  /// The subdirs it has artifacts in, sorted; nil while it has none.
  public var platforms: [String]?
  /// The newest version; nil while it has none.
  public var currentVersion: String?
  /// When the newest artifact of that version was made.
  public var latestChange: Date?
  /// JSON text of its entry in channeldata.json, merged over all artifacts.
  public var channelData: String?

  /// All fields, in order.
  public init(
    id: Int64, channelID: Int64, name: String, summary: String?, description: String?, url: String?,
    platforms: [String]?, currentVersion: String?, latestChange: Date?, channelData: String?
  ) {
    self.id = id
    self.channelID = channelID
    self.name = name
    self.summary = summary
    self.description = description
    self.url = url
    self.platforms = platforms
    self.currentVersion = currentVersion
    self.latestChange = latestChange
    self.channelData = channelData
  }
}

extension PackageRow {
  /// The columns that `init(row:)` reads.
  static let columns = """
    id, channelID, name, summary, description, url, platforms, currentVersion, latestChange, channelData
    """

  init(row: Row) throws {
    let platforms: String? = try row.value("platforms")
    self.init(
      id: try row.value("id"), channelID: try row.value("channelID"), name: try row.value("name"),
      summary: try row.value("summary"), description: try row.value("description"), url: try row.value("url"),
      platforms: platforms.map(Self.subdirs(inStored:)), currentVersion: try row.value("currentVersion"),
      latestChange: try row.date("latestChange"), channelData: try row.value("channelData"))
  }

  /// Subdirs as one column: joined by spaces, which no subdir contains.
  static func stored(subdirs: [String]) -> String { subdirs.joined(separator: " ") }

  /// The subdirs in such a column.
  static func subdirs(inStored text: String) -> [String] { text.split(separator: " ").map(String.init) }
}
