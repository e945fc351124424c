/// `[index]` (ours)
///
/// - `debounce_ms` (int, 200): quiet time after a change before the whole-subdir documents are rebuilt.
/// - `max_delay_ms` (int, 2000): the longest a change waits for them while more changes keep coming.
/// - `zstd_level` (int, 17): of `repodata.json.zst` and its neighbours, 1 to 19; at most 12 for small subdirs, whose
///   documents are compressed as a whole after every change; 1 where more than four pieces of a larger one change at once,
///   until `idle_s` have passed.
/// - `idle_s` (int, 60): seconds without a change in any channel after which what was compressed for speed is compressed at
///   `zstd_level`.
/// - `spliced_from` (int, 5000): from so many artifacts on a subdir's documents are put together from pieces, of which a
///   change makes anew what it touches.
/// - `piece_records` (int, 1024): how many records a piece has, on average; a change takes the time of a whole one.
/// - `shard_zstd_level` (int, 3): of shards, 1 to 19.
/// - `bz2` (bool, false): also make `repodata.json.bz2`, for clients from before 2023; takes effect with a subdir's next
///   change.
/// - `retired_shard_days` (int, 7): how long a replaced shard stays, for clients that hold an older index.
package struct IndexConfiguration: Sendable {
  package var debounce: Duration
  package var maxDelay: Duration
  package var zstdLevel: Int
  package var idleTime: Duration
  package var splicedFrom: Int
  package var pieceRecords: UInt32
  package var shardZstdLevel: Int
  package var bz2: Bool
  package var retiredShardLifetime: Duration

  package init(reading reader: inout ConfigurationReader) {
    debounce = .milliseconds(reader.integer("index", "debounce_ms", default: 200, in: 0...3_600_000))
    maxDelay = .milliseconds(reader.integer("index", "max_delay_ms", default: 2000, in: 0...3_600_000))
    zstdLevel = Int(reader.integer("index", "zstd_level", default: 17, in: 1...19))
    idleTime = .seconds(reader.integer("index", "idle_s", default: 60, in: 0...86_400))
    splicedFrom = Int(reader.integer("index", "spliced_from", default: 5000, in: 1...1_000_000_000))
    pieceRecords = UInt32(reader.integer("index", "piece_records", default: 1024, in: 1...1_000_000))
    shardZstdLevel = Int(reader.integer("index", "shard_zstd_level", default: 3, in: 1...19))
    bz2 = reader.bool("index", "bz2", default: false)
    retiredShardLifetime = .seconds(
      86_400 * reader.integer("index", "retired_shard_days", default: 7, in: 0...3650))
  }

  /// The zstd level of a small subdir's documents, which are not put together from pieces: from 13 on it takes several times
  /// as long.
  package var wholeLevel: Int { min(zstdLevel, 12) }
}
