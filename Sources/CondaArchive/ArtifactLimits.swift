/// How much an artifact may ask of the machine that reads it. Every limit is inclusive: reaching it is
/// allowed.
public struct ArtifactLimits: Sendable, Hashable {
  /// Entries of a tar archive: files, folders and links.
  public var maxEntries: Int = 1_000_000
  /// Bytes of one entry's path, and of a link's target.
  public var maxPathLength: Int = 4096
  /// Bytes of each metadata file that is kept (`info/index.json`, `info/about.json`, …).
  public var maxInfoFileSize: Int64 = 16 << 20
  /// Bytes of each list of all files of the package: `info/paths.json`, `info/files`, `info/has_prefix`.
  public var maxPathListSize: Int64 = 256 << 20
  /// Bytes of everything below `info/`, kept or not, and of the paths kept in `ArtifactContents.paths`.
  public var maxInfoTotalSize: Int64 = 512 << 20
  /// Bytes that come out of one decompressor.
  public var maxExpandedSize: Int64 = 64 << 30
  /// Bytes out of a decompressor for each byte that went in. Counts above `expansionRatioFloor`.
  public var maxExpansionRatio: Double = 1000
  /// Bytes that may come out of a decompressor whatever the ratio: small files may expand a lot.
  public var expansionRatioFloor: Int64 = 64 << 20
  /// Wall-clock time of one whole read.
  public var maxDuration: Duration = .seconds(600)

  /// The limits a server uses unless it is configured otherwise.
  public init() {}
}
