import Backends
import CondaArchive
import CondaTypes
import Foundation
import Metadata
import NIOCore

/// Makes shards and shard indexes (CEP 16) inside the transaction that changes their rows.
///
/// The cost follows the change: one name's records are read and compressed, its 32 bytes in the table replaced, and of the
/// table the one chunk they are in compressed again. What is left for all of an index of 30,000 names, 1.1 MB, is to join
/// and hash its bytes (decision 0070); they are written later, if they are still current then (decision 0090).
final class ShardWriter: IndexWriter {
  private let documents: any LocalFileBlobStore
  private let tables = ShardTables()
  private let zstdLevel: Int
  private let now: @Sendable () -> Date
  private let fresh: FreshIndexes
  private let memory: IndexMemory

  init(
    documents: any LocalFileBlobStore, fresh: FreshIndexes, zstdLevel: Int,
    now: @escaping @Sendable () -> Date
  ) throws {
    memory = try IndexMemory()
    self.documents = documents
    self.fresh = fresh
    self.zstdLevel = zstdLevel
    self.now = now
  }

  func makeUpdate(_ source: IndexSource) throws -> IndexUpdate {
    let key = SubdirKey(of: source)
    var table = try tables.take(key) ?? Self.read(source)
    var update = IndexUpdate(
      channelID: source.channelID, subdir: source.subdir, clearedMarks: source.marks, now: now())
    for mark in source.marks {
      if let shard = try writeShard(of: mark.packageName, source) {
        update.shards.append(shard)
        let isFirst = table.set(mark.packageName, to: shard.sha256.bytes)
        if isFirst { update.firstShards.insert(mark.packageName) }
      } else {
        update.removedShards.append(mark.packageName)
        table.remove(mark.packageName)
      }
    }
    if source.isComplete { update.documents = [try writeIndex(of: &table, source)] }
    tables.put(table, for: key)
    return update
  }

  func forget(channelID: Int64, subdir: String) {
    tables.forget(SubdirKey(channelID: channelID, subdir: subdir))
  }

  private static func read(_ source: IndexSource) throws -> ShardTable {
    var table = ShardTable()
    try source.forEachShard { name, digest in table.set(name, to: digest.bytes) }
    return table
  }

  /// One package's shard; `nil` if the package has no artifacts left in the subdir.
  private func writeShard(of packageName: String, _ source: IndexSource) throws -> ShardRow? {
    let records = try source.records(of: packageName)
    if records.isEmpty { return nil }
    func entries(_ placement: RecordPlacement, _ format: ArtifactFormat) -> [RepodataShards.Entry] {
      records.filter { $0.placement == placement && $0.format == format.rawValue }.map { record in
        let suffix = placement == .v3 ? format.fileExtension.count : 0
        return (String(record.fileName.dropLast(suffix)), record.messagePack)
      }
    }
    let bytes = RepodataShards.shard(
      packages: entries(.packages, .tarBzip2), condaPackages: entries(.packages, .conda),
      removed: records.filter { $0.placement == .removed }.map(\.fileName),
      v3: [.conda: entries(.v3, .conda), .tarBzip2: entries(.v3, .tarBzip2)])
    let frame = try memory.shards.compress(bytes, level: zstdLevel)
    let digest = try Digest.sha256(of: frame)
    try documents.putNow(ByteBuffer(bytes: frame), at: BlobLayout.key(for: digest))
    return ShardRow(packageName: packageName, sha256: digest, size: Int64(frame.count))
  }

  private func writeIndex(of table: inout ShardTable, _ source: IndexSource) throws -> DocumentRow {
    // The time comes from the rows, not from the clock: equal rows make equal bytes.
    let createdAt = try source.lastChange() ?? Date(timeIntervalSince1970: 0)
    // Counts and times of the revision are in repodata.json: here they would cost every upload a look at all of it.
    var info: [String: JSONValue] = try source.hasV3() ? ["repodata_revisions": ["v3": [:]]] : [:]
    info["channel_relations"] = try source.relations().json
    let (head, tail) = RepodataShards.indexFrame(
      subdir: source.subdir, createdAt: Timestamp.rfc3339(createdAt), info: info,
      shardCount: table.count)
    let zstd = memory.indexes
    let chunks = try table.encodeChunks { bytes throws(ZstdError) in try zstd.part(bytes) }
    let parts = try [zstd.part(head)] + chunks + [zstd.part(tail)]
    let bytes = frame(parts, contentSize: head.count + table.byteCount + tail.count)
    let digest = try Digest.sha256(of: bytes)
    try keep(bytes, digest, source)
    return DocumentRow(
      channelID: source.channelID, path: SubdirKey(of: source).shardIndexPath, sha256: digest,
      size: Int64(bytes.readableBytes), modifiedAt: now())
  }

  /// Joins an index, in memory that an older one has left if nobody reads that any more: for a megabyte of fresh memory the
  /// kernel takes as long as hashing it does.
  private func frame(_ parts: [[UInt8]], contentSize: Int) -> ByteBuffer {
    let pieces = ZstdParts.pieces(of: parts, contentSize: contentSize)
    var frame = memory.takeSpare()
    frame.clear(minimumCapacity: pieces.reduce(0) { $0 + $1.count })
    for piece in pieces { frame.writeBytes(piece) }
    return frame
  }

  /// Keeps an index in memory, and sees to it that there are not too many.
  private func keep(_ bytes: ByteBuffer, _ digest: Digest, _ source: IndexSource) throws {
    while let old = fresh.excess(adding: bytes.readableBytes) {
      try documents.putNow(old.bytes, at: BlobLayout.key(for: old.digest))
      fresh.drop(old.digest, of: old.subdir)
    }
    let subdir = SubdirKey(of: source)
    fresh.add(bytes, digest, of: subdir)
    for old in fresh.passed(of: subdir) where try !source.isReferenced(old) {
      if let bytes = fresh.drop(old, of: subdir) { memory.spare = bytes }
    }
  }
}

/// What shards and indexes are made with: compressors, and memory that is taken once.
///
/// All of it happens on the database's writer queue, one after the other. The compiler cannot see that, hence `@unchecked`.
private final class IndexMemory: @unchecked Sendable {
  let shards: ZstdCompressor
  let indexes: ZstdParts
  /// What an index that was dropped lay in.
  var spare: ByteBuffer?

  init() throws(ZstdError) {
    shards = try ZstdCompressor()
    indexes = try ZstdParts()
  }

  /// The spare memory, so that nobody else holds it; new memory where there is none.
  func takeSpare() -> ByteBuffer {
    defer { spare = nil }
    return spare ?? ByteBuffer()
  }
}
