public import CondaTypes
public import Foundation

/// An artifact about to be published; its blob is already stored.
public struct NewArtifact: Sendable {
  /// Where to publish.
  public var channelID: Int64
  /// Lower case; the package is made if it is missing.
  public var packageName: String
  /// E.g. `linux-64`.
  public var subdir: String
  /// E.g. `a-1.0-0.conda`.
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
  /// Of the whole file.
  public var sha256: Digest
  /// Of the whole file.
  public var md5: Digest
  /// JSON text: index.json with size, md5 and sha256, keys sorted.
  public var info: String
  /// JSON text of the run exports; nil if the artifact does not say.
  public var runExports: String?
  /// What this artifact adds to its package's entry in channeldata.json.
  public var channelData: ChannelDataEntry
  /// For the package, if it has none yet.
  public var summary: String?
  /// For the package, if it has none yet.
  public var description: String?
  /// Who uploads (a key's owner, not its pseudo-user).
  public var uploaderID: UUID
  /// Whether the uploader becomes owner of a package that this upload makes.
  public var createPackageOwner: Bool
  /// The time of the upload.
  public var now: Date
  /// The channel's quota in bytes; nil is none.
  public var sizeLimit: Int64?
  /// Why it is out of the index from the first; nil if it is not. Not for one that replaces another.
  public var yank: Yank?

  /// All fields, in order.
  public init(
    channelID: Int64, packageName: String, subdir: String, fileName: String, format: String, version: String,
    build: String, buildNumber: Int64, size: Int64, sha256: Digest, md5: Digest, info: String,
    runExports: String?, channelData: ChannelDataEntry, summary: String?, description: String?,
    uploaderID: UUID, createPackageOwner: Bool, now: Date, sizeLimit: Int64?
  ) {
    self.channelID = channelID
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
    self.runExports = runExports
    self.channelData = channelData
    self.summary = summary
    self.description = description
    self.uploaderID = uploaderID
    self.createPackageOwner = createPackageOwner
    self.now = now
    self.sizeLimit = sizeLimit
  }
}

/// The times that the database decides and the package record shows.
public struct RecordTimes: Hashable, Sendable {
  /// When these bytes were first indexed, in milliseconds since 1970.
  public var indexedTimestamp: Int64
  /// When the file was last written.
  public var timeModified: Date

  /// All fields, in order.
  public init(indexedTimestamp: Int64, timeModified: Date) {
    self.indexedTimestamp = indexedTimestamp
    self.timeModified = timeModified
  }

  /// Those of bytes that are published for the first time.
  public init(publishedAt now: Date) {
    self.init(indexedTimestamp: now.milliseconds, timeModified: Date(milliseconds: now.milliseconds))
  }
}

/// The package record in the two forms that the index is built from.
public struct RenderedRecord: Hashable, Sendable {
  /// For repodata.json.
  public var json: String
  /// For the package's shard.
  public var messagePack: [UInt8]

  /// All fields, in order.
  public init(json: String, messagePack: [UInt8]) {
    self.json = json
    self.messagePack = messagePack
  }
}

/// What publishing did.
public struct PublishedArtifact: Hashable, Sendable {
  /// Of the artifact; kept when its file is overwritten.
  public var id: UUID
  /// The digest of the bytes it had before, if it was overwritten.
  public var replacedSHA256: Digest?
  /// Whether this was the first artifact of a new package.
  public var createdPackage: Bool

  /// All fields, in order.
  public init(id: UUID, replacedSHA256: Digest?, createdPackage: Bool) {
    self.id = id
    self.replacedSHA256 = replacedSHA256
    self.createdPackage = createdPackage
  }
}
