public import CondaTypes
public import Foundation
internal import GRDB

/// A package whose shard is behind its artifacts.
public struct IndexMark: Hashable, Sendable {
  /// Its channel.
  public var channelID: Int64
  /// The subdir of the shard.
  public var subdir: String
  /// The package.
  public var packageName: String
  /// The subdir's generation when the mark was last set; a mark is cleared only if this is unchanged.
  public var sequence: Int64

  /// All fields, in order.
  public init(channelID: Int64, subdir: String, packageName: String, sequence: Int64) {
    self.channelID = channelID
    self.subdir = subdir
    self.packageName = packageName
    self.sequence = sequence
  }
}

/// One artifact's entry in its package's shard.
public struct IndexRecord: Hashable, Sendable {
  /// E.g. `a-1.0-0.conda`.
  public var fileName: String
  /// `conda` or `tar.bz2`.
  public var format: String
  /// Where it stands in the shard.
  public var placement: RecordPlacement
  /// The package record.
  public var messagePack: [UInt8]

  /// All fields, in order.
  public init(fileName: String, format: String, placement: RecordPlacement = .packages, messagePack: [UInt8])
  {
    self.fileName = fileName
    self.format = format
    self.placement = placement
    self.messagePack = messagePack
  }
}

/// The current shard of a package in a subdir (CEP 16).
public struct ShardRow: Hashable, Sendable {
  /// The package.
  public var packageName: String
  /// Of the compressed shard; names its blob and its URL.
  public var sha256: Digest
  /// In bytes, compressed.
  public var size: Int64

  /// All fields, in order.
  public init(packageName: String, sha256: Digest, size: Int64) {
    self.packageName = packageName
    self.sha256 = sha256
    self.size = size
  }
}

/// A file that the index serves under a fixed name: which bytes it has now.
public struct DocumentRow: Hashable, Sendable {
  /// Its channel.
  public var channelID: Int64
  /// In the channel, e.g. `linux-64/repodata.json.zst`.
  public var path: String
  /// Names the blob.
  public var sha256: Digest
  /// In bytes.
  public var size: Int64
  /// When these bytes became current.
  public var modifiedAt: Date

  /// All fields, in order.
  public init(channelID: Int64, path: String, sha256: Digest, size: Int64, modifiedAt: Date) {
    self.channelID = channelID
    self.path = path
    self.sha256 = sha256
    self.size = size
    self.modifiedAt = modifiedAt
  }
}

/// How far the documents of a subdir are behind its artifacts.
public struct SubdirState: Hashable, Sendable {
  /// The channel.
  public var channelID: Int64
  /// E.g. `linux-64`.
  public var subdir: String
  /// Grows with every change to the subdir's artifacts.
  public var generation: Int64
  /// The generation that the current documents show; never decreases.
  public var documentsGeneration: Int64

  /// All fields, in order.
  public init(channelID: Int64, subdir: String, generation: Int64, documentsGeneration: Int64) {
    self.channelID = channelID
    self.subdir = subdir
    self.generation = generation
    self.documentsGeneration = documentsGeneration
  }
}

/// New shards of a subdir and the documents that name them, to be made current together.
public struct IndexUpdate: Sendable {
  /// The channel.
  public var channelID: Int64
  /// The subdir.
  public var subdir: String
  /// Shards to set.
  public var shards: [ShardRow]
  /// The packages of those that are known to have had none.
  public var firstShards: Set<String> = []
  /// Packages that have no shard any more.
  public var removedShards: [String]
  /// Documents to set, e.g. the shard index.
  public var documents: [DocumentRow]
  /// The marks that the new shards answer, as they were read.
  public var clearedMarks: [IndexMark]
  /// The time of the change.
  public var now: Date

  /// All fields, in order.
  public init(
    channelID: Int64, subdir: String, shards: [ShardRow] = [], removedShards: [String] = [],
    documents: [DocumentRow] = [], clearedMarks: [IndexMark] = [], now: Date
  ) {
    self.channelID = channelID
    self.subdir = subdir
    self.shards = shards
    self.removedShards = removedShards
    self.documents = documents
    self.clearedMarks = clearedMarks
    self.now = now
  }
}

extension IndexMark {
  init(row: Row) throws {
    self.init(
      channelID: try row.value("channelID"), subdir: try row.value("subdir"),
      packageName: try row.value("packageName"), sequence: try row.value("sequence"))
  }
}

extension ShardRow {
  init(row: Row) throws {
    self.init(
      packageName: try row.value("packageName"), sha256: try row.sha256("sha256"), size: try row.value("size")
    )
  }
}

extension DocumentRow {
  init(row: Row) throws {
    self.init(
      channelID: try row.value("channelID"), path: try row.value("path"), sha256: try row.sha256("sha256"),
      size: try row.value("size"), modifiedAt: try row.time("modifiedAt"))
  }
}

extension SubdirState {
  init(row: Row) throws {
    self.init(
      channelID: try row.value("channelID"), subdir: try row.value("subdir"),
      generation: try row.value("generation"), documentsGeneration: try row.value("documentsGeneration"))
  }
}
