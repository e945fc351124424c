public import CondaTypes
public import Foundation
internal import GRDB

/// An artifact: one file of a package.
public struct ArtifactRow: Hashable, Sendable {
  /// Kept when the file is overwritten.
  public var id: UUID
  /// Its channel.
  public var channelID: Int64
  /// Its package.
  public var packageID: Int64
  /// Its package's name.
  public var packageName: String
  /// E.g. `linux-64`.
  public var subdir: String
  /// E.g. `a-1.0-0.conda`; unique in channel and subdir.
  public var fileName: String
  /// `conda` or `tar.bz2`.
  public var format: String
  /// As the artifact spells it.
  public var version: String
  /// The build string.
  public var build: String
  /// The build number.
  public var buildNumber: Int64
  /// In bytes.
  public var size: Int64
  /// Of the whole file; also the name of its blob.
  public var sha256: Digest
  /// Of the whole file.
  public var md5: Digest
  /// JSON text: index.json with size, md5 and sha256, keys sorted.
  public var info: String
  /// Who uploaded it.
  public var uploaderID: UUID
  /// From the uploader's profile; nil if that is gone.
  public var uploaderName: String?
  /// From the uploader's profile; nil if that is gone.
  public var uploaderAvatarURL: String?
  /// When it was first uploaded.
  public var timeCreated: Date
  /// When it was last overwritten, else uploaded.
  public var timeModified: Date
  /// When these bytes were first indexed, in milliseconds since 1970 (CEP 47).
  public var indexedTimestamp: Int64
  /// Downloads so far.
  public var downloadCount: Int64
  /// Why it is out of the index; nil for what is in it.
  public var yank: Yank?

  /// All fields, in order.
  public init(
    id: UUID, channelID: Int64, packageID: Int64, packageName: String, subdir: String, fileName: String,
    format: String, version: String, build: String, buildNumber: Int64, size: Int64, sha256: Digest,
    md5: Digest, info: String, uploaderID: UUID, uploaderName: String?, uploaderAvatarURL: String?,
    timeCreated: Date, timeModified: Date, indexedTimestamp: Int64, downloadCount: Int64, yank: Yank? = nil
  ) {
    self.id = id
    self.channelID = channelID
    self.packageID = packageID
    self.packageName = packageName
    self.subdir = subdir
    self.fileName = fileName
    self.format = format
    self.version = version
    self.build = build
    self.buildNumber = buildNumber
    self.size = size
    self.sha256 = sha256
    self.md5 = md5
    self.info = info
    self.uploaderID = uploaderID
    self.uploaderName = uploaderName
    self.uploaderAvatarURL = uploaderAvatarURL
    self.timeCreated = timeCreated
    self.timeModified = timeModified
    self.indexedTimestamp = indexedTimestamp
    self.downloadCount = downloadCount
    self.yank = yank
  }
}

/// What a download needs to know of an artifact.
public struct ResolvedArtifact: Hashable, Sendable {
  /// The artifact's row, under which its downloads are counted. Never used again, and kept when the file is overwritten.
  public var key: Int64
  /// Names the blob.
  public var sha256: Digest
  /// In bytes.
  public var size: Int64
  /// For `Last-Modified`.
  public var timeModified: Date
  /// Whether other bytes ever lay under this address (overwritten, or deleted and uploaded anew): then they may again,
  /// and caches must know.
  public var wasReplaced: Bool

  /// All fields, in order.
  public init(key: Int64, sha256: Digest, size: Int64, timeModified: Date, wasReplaced: Bool) {
    self.key = key
    self.sha256 = sha256
    self.size = size
    self.timeModified = timeModified
    self.wasReplaced = wasReplaced
  }
}

extension ArtifactRow {
  /// The start of every query for whole artifacts; what `init(row:)` reads.
  static let select = """
    SELECT artifact.*, package.name AS packageName, artifactRecord.info, \
      profile.name AS uploaderName, profile.avatarURL AS uploaderAvatarURL, \
      yank.reason AS yankReason, yank.yankedAt \
    FROM artifact \
    JOIN package ON package.id = artifact.packageID \
    JOIN artifactRecord ON artifactRecord.artifactKey = artifact.key \
    LEFT JOIN profile ON profile.userID = artifact.uploaderID \
    LEFT JOIN yank ON yank.artifactKey = artifact.key
    """

  init(row: Row) throws {
    self.init(
      id: try row.value("id"), channelID: try row.value("channelID"), packageID: try row.value("packageID"),
      packageName: try row.value("packageName"), subdir: try row.value("subdir"),
      fileName: try row.value("fileName"), format: try row.value("format"), version: try row.value("version"),
      build: try row.value("build"), buildNumber: try row.value("buildNumber"), size: try row.value("size"),
      sha256: try row.sha256("sha256"), md5: try row.md5("md5"), info: try row.value("info"),
      uploaderID: try row.value("uploaderID"), uploaderName: try row.value("uploaderName"),
      uploaderAvatarURL: try row.value("uploaderAvatarURL"), timeCreated: try row.time("timeCreated"),
      timeModified: try row.time("timeModified"), indexedTimestamp: try row.value("indexedTimestamp"),
      downloadCount: try row.value("downloadCount"), yank: try Yank(row: row))
  }
}
