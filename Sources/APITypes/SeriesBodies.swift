/// One bucket of a series.
public struct SeriesPointBody: Codable, Sendable, Hashable {
  /// When the bucket began, ISO 8601 without zone (UTC).
  public var timestamp: String
  /// How many fell into it.
  public var count: Int64

  /// Makes the body from its two fields.
  public init(timestamp: String, count: Int64) {
    self.timestamp = timestamp
    self.count = count
  }
}

/// The series of one artifact of a channel.
public struct PackageSeriesBody: Codable, Sendable, Hashable {
  /// In order of time.
  public var series: [SeriesPointBody]

  /// Makes the body from its one field.
  public init(series: [SeriesPointBody]) {
    self.series = series
  }
}

/// What `GET /metrics/channels/{channel}` answers.
public struct ChannelSeriesBody: Codable, Sendable, Hashable {
  /// The server's time, ISO 8601 without zone (UTC).
  public var serverTimestamp: String
  /// `"H"`, `"D"`, `"M"` or `"Y"`.
  public var period: String
  /// `"download"`.
  public var metricName: String
  /// By `<subdir>/<file name>`.
  public var packages: [String: PackageSeriesBody]

  /// Makes the body from its four fields.
  public init(
    serverTimestamp: String, period: String, metricName: String, packages: [String: PackageSeriesBody]
  ) {
    self.serverTimestamp = serverTimestamp
    self.period = period
    self.metricName = metricName
    self.packages = packages
  }

  enum CodingKeys: String, CodingKey {
    case period, packages
    case serverTimestamp = "server_timestamp"
    case metricName = "metric_name"
  }
}

/// What `GET /metrics/channels/{channel}/packages/…/versions/…` answers.
public struct VersionSeriesBody: Codable, Sendable, Hashable {
  /// The server's time, ISO 8601 without zone (UTC).
  public var serverTimestamp: String
  /// `"H"`, `"D"`, `"M"` or `"Y"`.
  public var period: String
  /// `"download"`.
  public var metricName: String
  /// The sum of the series.
  public var total: Int64
  /// In order of time.
  public var series: [SeriesPointBody]

  /// Makes the body from its five fields.
  public init(
    serverTimestamp: String, period: String, metricName: String, total: Int64, series: [SeriesPointBody]
  ) {
    self.serverTimestamp = serverTimestamp
    self.period = period
    self.metricName = metricName
    self.total = total
    self.series = series
  }

  enum CodingKeys: String, CodingKey {
    case period, total, series
    case serverTimestamp = "server_timestamp"
    case metricName = "metric_name"
  }
}
