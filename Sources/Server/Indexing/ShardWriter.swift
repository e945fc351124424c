import Backends
import CondaArchive
import CondaTypes
import Foundation
import Metadata
import NIOCore

/// Makes shards and shard indexes (CEP 16) inside the transaction that changes their rows.
///
/// The cost follows the change: one name's records are read and compressed, its 32 bytes in the table replaced, and of the
/// table the one chunk they are in compressed again. What is left for all of an index of 30,000 names, 1.1 MB, is to join,
/// hash and write its bytes (decision 0070).
final class ShardWriter: IndexWriter {
  private let documents: any LocalFileBlobStore
  private let tables = ShardTables()
  private let zstdLevel: Int
  private let now: @Sendable () -> Date
  private let written = WrittenIndexes()
  private let compressors: IndexCompressors

  init(documents: any LocalFileBlobStore, zstdLevel: Int, now: @escaping @Sendable () -> Date) throws {
    compressors = try IndexCompressors()
    self.documents = documents
    self.zstdLevel = zstdLevel
    self.now = now
  }

  func makeUpdate(_ source: IndexSource) throws -> IndexUpdate {
    let key = ShardTables.Key(channelID: source.channelID, subdir: source.subdir)
    var table = try tables.take(key) ?? Self.read(source)
    var update = IndexUpdate(
      channelID: source.channelID, subdir: source.subdir, clearedMarks: source.marks, now: now())
    for mark in source.marks {
      if let shard = try writeShard(of: mark.packageName, source) {
        update.shards.append(shard)
        table.set(mark.packageName, to: shard.sha256.bytes)
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
    tables.forget(ShardTables.Key(channelID: channelID, subdir: subdir))
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
    let (digest, size) = try store(compressors.shards.compress(bytes, level: zstdLevel))
    return ShardRow(packageName: packageName, sha256: digest, size: size)
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
    let zstd = compressors.indexes
    let chunks = try table.encodeChunks { bytes throws(ZstdError) in try zstd.part(bytes) }
    let parts = try [zstd.part(head)] + chunks + [zstd.part(tail)]
    let (digest, size) = try store(
      ZstdParts.frame(parts, contentSize: head.count + table.byteCount + tail.count))
    for old in written.add(digest, at: now()) where try !source.isReferenced(old) {
      // Nothing depends on it: what cannot be removed now goes with the garbage collection.
      try? documents.removeNow(BlobLayout.key(for: old))
    }
    return DocumentRow(
      channelID: source.channelID, path: "\(source.subdir)/repodata_shards.msgpack.zst", sha256: digest,
      size: size, modifiedAt: now())
  }

  /// Hashes a compressed document and stores it under its digest.
  private func store(_ frame: [UInt8]) throws -> (Digest, Int64) {
    let digest = try Digest.sha256(of: frame)
    try documents.putNow(ByteBuffer(bytes: frame), at: BlobLayout.key(for: digest))
    return (digest, Int64(frame.count))
  }
}

/// What compresses shards and indexes, with memory that is taken once.
///
/// All of it happens on the database's writer queue, one after the other. The compiler cannot see that, hence `@unchecked`.
private final class IndexCompressors: @unchecked Sendable {
  let shards: ZstdCompressor
  let indexes: ZstdParts

  init() throws(ZstdError) {
    shards = try ZstdCompressor()
    indexes = try ZstdParts()
  }
}
