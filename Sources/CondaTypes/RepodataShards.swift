/// Sharded repodata (CEP 16): frames stored records, never looks inside them.
///
///     index  {"info": {"base_url": …, "created_at": …, "shards_base_url": …, "subdir": …},
///             "shards": {"<package name>": bin(32)},  "version": 1}
///     shard  {"packages": {"<fn>.tar.bz2": record}, "packages.conda": {"<fn>.conda": record},
///             "removed": ["<fn>"], "v3": {"conda": {"<name>-<version>-<build>": record}, "tar.bz2": {…}}}
///
/// `v3` (CEP 48) is there only when it has records. Both are MessagePack, here not yet compressed. Keys are
/// in order of their bytes, so equal contents make equal bytes, and a shard's name (the SHA-256 of its
/// compressed bytes) changes only with its contents. conda wants both package maps also when empty; rattler
/// wants `base_url` and `shards_base_url` also when empty, and digests as binary.
public enum RepodataShards {
  /// An artifact's file name (in `v3` its distribution string) and its record as `PackageRecord.messagePack`
  /// made it.
  public typealias Entry = (fileName: String, record: [UInt8])

  /// One package's shard.
  ///
  /// - Parameters:
  ///   - packages: The `.tar.bz2` artifacts, in any order.
  ///   - condaPackages: The `.conda` artifacts, in any order.
  ///   - removed: The file names of yanked artifacts.
  ///   - v3: Artifacts whose `index.json` is of schema version 3 or more, by format; named without extension.
  public static func shard(
    packages: [Entry], condaPackages: [Entry], removed: [String], v3: [ArtifactFormat: [Entry]] = [:]
  ) -> [UInt8] {
    let buckets = v3.filter { !$0.value.isEmpty }.map { (key: $0.key.rawValue, entries: $0.value) }
    let all = packages + condaPackages + buckets.flatMap(\.entries)
    let size = all.reduce(64) { $0 + $1.fileName.utf8.count + $1.record.count + 5 }
    var writer = MessagePack.Writer(capacity: size)
    writer.appendMapHeader(count: buckets.isEmpty ? 3 : 4)
    writer.appendString("packages")
    append(packages, to: &writer)
    writer.appendString("packages.conda")
    append(condaPackages, to: &writer)
    writer.appendString("removed")
    writer.append(.array(removed.sorted { $0.precedesByBytes($1) }.map(JSONValue.string)))
    if !buckets.isEmpty {
      writer.appendString("v3")
      writer.appendMapHeader(count: buckets.count)
      for (key, entries) in buckets.sorted(by: { $0.key.precedesByBytes($1.key) }) {
        writer.appendString(key)
        append(entries, to: &writer)
      }
    }
    return writer.bytes
  }

  /// A subdir's index of shards.
  ///
  /// - Parameters:
  ///   - subdir: The subdir, e.g. `linux-64`.
  ///   - baseURL: Where the artifacts are, relative to this file; empty means beside it.
  ///   - shardsBaseURL: Where the shards are, relative to this file; ends in `/`.
  ///   - createdAt: When it was made, as RFC 3339 text.
  ///   - info: Further members of `info`, e.g. `channel_relations` (CEP 42).
  ///   - shards: Per package name the SHA-256 of its compressed shard.
  public static func index(
    subdir: String, baseURL: String = "", shardsBaseURL: String = "./shards/", createdAt: String,
    info: [String: JSONValue] = [:], shards: ShardTable
  ) -> [UInt8] {
    let frame = indexFrame(
      subdir: subdir, baseURL: baseURL, shardsBaseURL: shardsBaseURL, createdAt: createdAt, info: info,
      shardCount: shards.count)
    return frame.head + shards.bytes + frame.tail
  }

  /// What an index has before the bytes of its shard table, and after them; see `index`.
  public static func indexFrame(
    subdir: String, baseURL: String = "", shardsBaseURL: String = "./shards/", createdAt: String,
    info: [String: JSONValue] = [:], shardCount: Int
  ) -> (head: [UInt8], tail: [UInt8]) {
    var writer = MessagePack.Writer(capacity: 512)
    writer.appendMapHeader(count: 3)
    writer.appendString("info")
    let own: [String: JSONValue] = [
      "base_url": .string(baseURL), "created_at": .string(createdAt),
      "shards_base_url": .string(shardsBaseURL), "subdir": .string(subdir),
    ]
    writer.append(.object(info.merging(own) { _, own in own }))
    writer.appendString("shards")
    writer.appendMapHeader(count: shardCount)
    var tail = MessagePack.Writer(capacity: 16)
    tail.appendString("version")
    tail.appendInt(1)
    return (writer.bytes, tail.bytes)
  }

  private static func append(_ entries: [Entry], to writer: inout MessagePack.Writer) {
    writer.appendMapHeader(count: entries.count)
    for entry in entries.sorted(by: { $0.fileName.precedesByBytes($1.fileName) }) {
      writer.appendString(entry.fileName)
      writer.appendEncoded(entry.record)
    }
  }
}
