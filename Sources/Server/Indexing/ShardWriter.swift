import Backends
import CondaArchive
import CondaTypes
import Foundation
import Metadata

/// Makes shards and shard indexes (CEP 16) inside the transaction that changes their rows.
///
/// The cost follows the change: one name's records are read and compressed, its 32 bytes in the table replaced, the table
/// copied, compressed fast and hashed. At 30,000 names that is a few milliseconds, most of them for the bytes themselves.
final class ShardWriter: IndexWriter {
  /// From here on an index is compressed for speed: it is digests, which no level makes smaller, and names. Level 3 takes
  /// 10 ms for 30,000 names and makes 1.05 MB, level -7 takes 1.4 ms and makes 1.19 MB.
  private static let manyNames = 2000
  private static let fastLevel = -7

  private let documents: any LocalFileBlobStore
  private let tables = ShardTables()
  private let zstdLevel: Int
  private let now: @Sendable () -> Date
  private let written = WrittenIndexes()

  init(documents: any LocalFileBlobStore, zstdLevel: Int, now: @escaping @Sendable () -> Date) {
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
    if source.isComplete { update.documents = [try writeIndex(of: table, source)] }
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
    let (digest, size) = try store(bytes, level: zstdLevel)
    return ShardRow(packageName: packageName, sha256: digest, size: size)
  }

  private func writeIndex(of table: ShardTable, _ source: IndexSource) throws -> DocumentRow {
    // The time comes from the rows, not from the clock: equal rows make equal bytes.
    let createdAt = try source.lastChange() ?? Date(timeIntervalSince1970: 0)
    // Counts and times of the revision are in repodata.json: here they would cost every upload a look at all of it.
    var info: [String: JSONValue] = try source.hasV3() ? ["repodata_revisions": ["v3": [:]]] : [:]
    info["channel_relations"] = try source.relations().json
    let bytes = RepodataShards.index(
      subdir: source.subdir, createdAt: Timestamp.rfc3339(createdAt), info: info, shards: table)
    let level = table.count >= Self.manyNames ? Self.fastLevel : zstdLevel
    let (digest, size) = try store(bytes, level: level)
    for old in written.add(digest, at: now()) where try !source.isReferenced(old) {
      // Nothing depends on it: what cannot be removed now goes with the garbage collection.
      try? documents.removeNow(BlobLayout.key(for: old))
    }
    return DocumentRow(
      channelID: source.channelID, path: "\(source.subdir)/repodata_shards.msgpack.zst", sha256: digest,
      size: size, modifiedAt: now())
  }

  /// Compresses and hashes a document, and stores it under its digest.
  private func store(_ bytes: [UInt8], level: Int) throws -> (Digest, Int64) {
    let frame = try ZstdCompression.compress(bytes, level: level)
    let digest = try Digest.sha256(of: frame)
    try documents.putNow(frame, at: BlobLayout.key(for: digest))
    return (digest, Int64(frame.count))
  }
}
