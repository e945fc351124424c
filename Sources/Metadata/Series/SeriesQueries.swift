public import Foundation
internal import GRDB

extension MetadataStore {
  /// Adds to the download counts of many artifacts, and to the hour, day, month and year of `now`; those that are gone
  /// are left out.
  ///
  /// - Parameters:
  ///   - counts: By `ResolvedArtifact.key`.
  ///   - step: Where the counts come from: noted with them, so that they are added once.
  /// - Returns: What was counted.
  /// - Throws: `.conflict` if the mark is not what `step` begins at: these counts were added already.
  @discardableResult
  public func addDownloads(
    _ counts: [Int64: Int], step: DownloadMark.Step? = nil, now: Date
  ) async throws(MetadataError) -> [CountedDownloads] {
    let buckets = SeriesPeriod.allCases.map { ($0.rawValue, $0.start(of: now).milliseconds) }
    return try await write { db in
      if let step { try db.take(step) }
      return try counts.compactMap { artifactKey, count in
        guard let row = try db.one(CountedDownloads.select, [artifactKey]) else { return nil }
        try db.run(
          "UPDATE artifact SET downloadCount = downloadCount + ? WHERE key = ?", [count, artifactKey])
        for (period, bucket) in buckets {
          try db.run(
            """
            INSERT INTO downloadBucket (artifactKey, period, bucket, channelID, count) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET count = count + excluded.count
            """, [artifactKey, period, bucket, try row.value("channelID") as Int64, count])
        }
        return try CountedDownloads(row: row, count: count)
      }
    }
  }

  /// The downloads of one artifact, bucket by bucket.
  ///
  /// - Parameters:
  ///   - start: Only buckets that begin at or after this time.
  ///   - end: Only buckets that begin before this time.
  public func downloadSeries(
    artifactID: UUID, period: SeriesPeriod, start: Date?, end: Date?
  ) async throws(MetadataError) -> [SeriesPoint] {
    try await read { db in
      try db.all(
        SeriesPoint.selectOfArtifact,
        [
          "id": artifactID, "period": period.rawValue, "start": start?.milliseconds ?? Int64.min,
          "end": end?.milliseconds ?? Int64.max,
        ]
      ).map(SeriesPoint.init(row:))
    }
  }

  /// The downloads of a channel's artifacts, bucket by bucket, sorted by subdir and file name; artifacts without any are
  /// left out.
  public func downloadSeries(
    channelID: Int64, period: SeriesPeriod, subdir: String?, start: Date?, end: Date?
  ) async throws(MetadataError) -> [ArtifactSeries] {
    try await read { db in
      let rows = try db.all(
        SeriesPoint.selectOfChannel,
        [
          "channelID": channelID, "period": period.rawValue, "subdir": subdir,
          "start": start?.milliseconds ?? Int64.min, "end": end?.milliseconds ?? Int64.max,
        ])
      var series: [ArtifactSeries] = []
      for row in rows {
        let (subdir, fileName): (String, String) = (try row.value("subdir"), try row.value("fileName"))
        if series.last?.subdir != subdir || series.last?.fileName != fileName {
          series.append(ArtifactSeries(subdir: subdir, fileName: fileName, points: []))
        }
        series[series.count - 1].points.append(try SeriesPoint(row: row))
      }
      return series
    }
  }
}

extension CountedDownloads {
  static let select = """
    SELECT artifact.channelID, artifact.subdir, artifact.version, artifact.format, package.name AS packageName,
      channel.name AS channelName, channel.isPrivate FROM artifact
    JOIN package ON package.id = artifact.packageID JOIN channel ON channel.id = artifact.channelID
    WHERE artifact.key = ?
    """
}

extension SeriesPoint {
  static let selectOfArtifact = """
    SELECT bucket, count FROM downloadBucket
    WHERE artifactKey = (SELECT key FROM artifact WHERE id = :id) AND period = :period
      AND bucket >= :start AND bucket < :end
    ORDER BY bucket
    """

  static let selectOfChannel = """
    SELECT artifact.subdir, artifact.fileName, downloadBucket.bucket, downloadBucket.count FROM downloadBucket
    JOIN artifact ON artifact.key = downloadBucket.artifactKey
    WHERE downloadBucket.channelID = :channelID AND downloadBucket.period = :period
      AND downloadBucket.bucket >= :start AND downloadBucket.bucket < :end
      AND (:subdir IS NULL OR artifact.subdir = :subdir)
    ORDER BY artifact.subdir, artifact.fileName, downloadBucket.bucket
    """

  init(row: Row) throws {
    self.init(time: try row.time("bucket"), count: try row.value("count"))
  }
}
