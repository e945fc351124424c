package import Backends
import CondaArchive
import CondaTypes
package import Foundation
package import Metadata
import NIOCore
package import NIOPosix

/// Keeps shards and shard indexes (CEP 16) level with the rows, at a cost that follows the change.
///
/// One change costs one shard and one index. Changes of a subdir that arrive while its index is being written share the
/// next one, so concurrent uploads share all three: shards, index, commit. What a crash leaves undone is marked in the
/// database and made up for at start.
package actor ShardIndexer {
  private struct SubdirKey: Hashable {
    let channelID: Int64
    let subdir: String
  }

  private let metadata: MetadataStore
  private let documents: any BlobStore
  private let readCache: ReadCache
  private let threads: NIOThreadPool
  private let zstdLevel: Int
  private let now: @Sendable () -> Date
  private var waiting: [SubdirKey: [CheckedContinuation<Void, any Error>]] = [:]
  private var busy: Set<SubdirKey> = []

  package init(
    metadata: MetadataStore, documents: any BlobStore, readCache: ReadCache, threads: NIOThreadPool,
    zstdLevel: Int, now: @escaping @Sendable () -> Date
  ) {
    self.metadata = metadata
    self.documents = documents
    self.readCache = readCache
    self.threads = threads
    self.zstdLevel = zstdLevel
    self.now = now
  }

  /// Returns once everything committed to the subdir before the call is in its shards and its shard index.
  package func publish(channelID: Int64, subdir: String) async throws {
    let key = SubdirKey(channelID: channelID, subdir: subdir)
    try await withCheckedThrowingContinuation { continuation in
      waiting[key, default: []].append(continuation)
      // A task of its own: the work belongs to all who wait for it, and must outlive any one request.
      if busy.insert(key).inserted { Task { await self.drain(key) } }
    }
  }

  /// Makes up for what an earlier process left undone.
  package func catchUp() async throws {
    let marks = try await metadata.markedShards(limit: nil)
    for key in Set(marks.map { SubdirKey(channelID: $0.channelID, subdir: $0.subdir) }) {
      try await publish(channelID: key.channelID, subdir: key.subdir)
    }
  }

  private func drain(_ key: SubdirKey) async {
    while let batch = waiting.removeValue(forKey: key) {
      let result: Result<Void, any Error>
      do {
        result = .success(try await rebuild(key))
      } catch {
        result = .failure(error)
      }
      for continuation in batch { continuation.resume(with: result) }
    }
    busy.remove(key)
  }

  private func rebuild(_ key: SubdirKey) async throws {
    let marks = try await metadata.markedShards(channelID: key.channelID, subdir: key.subdir)
    var digests = Dictionary(
      uniqueKeysWithValues: try await metadata.shards(channelID: key.channelID, subdir: key.subdir)
        .map { ($0.packageName, $0.sha256) })
    var update = IndexUpdate(
      channelID: key.channelID, subdir: key.subdir, shards: [], removedShards: [], documents: [],
      clearedMarks: marks, now: now())
    for mark in marks {
      if let shard = try await writeShard(mark) {
        update.shards.append(shard)
        digests[mark.packageName] = shard.sha256
      } else {
        update.removedShards.append(mark.packageName)
        digests[mark.packageName] = nil
      }
    }
    update.documents = [try await writeIndex(key, digests)]
    try await metadata.commitIndex(update)
    readCache.forget(channelID: key.channelID)
  }

  /// One package's shard; `nil` if the package has no artifacts left in the subdir.
  private func writeShard(_ mark: IndexMark) async throws -> ShardRow? {
    let records = try await metadata.shardRecords(
      channelID: mark.channelID, subdir: mark.subdir, packageName: mark.packageName)
    if records.isEmpty { return nil }
    let (digest, size) = try await store {
      let entries = records.map { (fileName: $0.fileName, record: $0.messagePack, format: $0.format) }
      return RepodataShards.shard(
        packages: entries.filter { $0.format == "tar.bz2" }.map { ($0.fileName, $0.record) },
        condaPackages: entries.filter { $0.format == "conda" }.map { ($0.fileName, $0.record) }, removed: [])
    }
    return ShardRow(packageName: mark.packageName, sha256: digest, size: size)
  }

  private func writeIndex(_ key: SubdirKey, _ digests: [String: Digest]) async throws -> DocumentRow {
    // The time comes from the rows, not from the clock: equal rows make equal bytes.
    let lastChange = try await metadata.lastChange(channelID: key.channelID, subdir: key.subdir)
    let createdAt = Timestamp.rfc3339(lastChange ?? Date(timeIntervalSince1970: 0))
    let (digest, size) = try await store {
      RepodataShards.index(
        subdir: key.subdir, createdAt: createdAt,
        shards: digests.map { (name: $0.key, sha256: $0.value.bytes) })
    }
    return DocumentRow(
      channelID: key.channelID, path: "\(key.subdir)/repodata_shards.msgpack.zst", sha256: digest, size: size,
      modifiedAt: now())
  }

  /// Makes, compresses and hashes a document off the cooperative pool, and stores it under its digest.
  private func store(_ make: @escaping @Sendable () -> [UInt8]) async throws -> (Digest, Int64) {
    let level = zstdLevel
    let (bytes, digest) = try await threads.runIfActive {
      let bytes = try ZstdCompression.compress(make(), level: level)
      return (bytes, try Digest.sha256(of: bytes))
    }
    let body = BlobBody(
      source: .bytes(ByteBuffer(bytes: bytes)), size: Int64(bytes.count), sha256: digest.hex)
    try await documents.put(body, at: BlobLayout.key(for: digest))
    return (digest, Int64(bytes.count))
  }
}
