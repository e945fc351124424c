public import Foundation
internal import GRDB

/// How long one bucket of a series is; buckets begin on the hour, day, month or year, in UTC.
public enum SeriesPeriod: String, CaseIterable, Sendable {
  /// An hour.
  case hour = "H"
  /// A day.
  case day = "D"
  /// A month.
  case month = "M"
  /// A year.
  case year = "Y"

  private static let calendar = {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    return calendar
  }()

  /// When the bucket began that a time is in.
  public func start(of time: Date) -> Date {
    switch self {
    case .hour: Date(timeIntervalSince1970: (time.timeIntervalSince1970 / 3600).rounded(.down) * 3600)
    case .day: Date(timeIntervalSince1970: (time.timeIntervalSince1970 / 86_400).rounded(.down) * 86_400)
    case .month: Self.calendar.dateInterval(of: .month, for: time)?.start ?? time
    case .year: Self.calendar.dateInterval(of: .year, for: time)?.start ?? time
    }
  }

  /// When the bucket after the one that begins at a time begins.
  public func next(after start: Date) -> Date {
    switch self {
    case .hour: start.addingTimeInterval(3600)
    case .day: start.addingTimeInterval(86_400)
    case .month:
      Self.calendar.date(byAdding: .month, value: 1, to: start) ?? start.addingTimeInterval(2_678_400)
    case .year:
      Self.calendar.date(byAdding: .year, value: 1, to: start) ?? start.addingTimeInterval(31_622_400)
    }
  }
}

/// One bucket of a series.
public struct SeriesPoint: Hashable, Sendable {
  /// When the bucket began.
  public var time: Date
  /// How many fell into it.
  public var count: Int64

  /// All fields, in order.
  public init(time: Date, count: Int64) {
    self.time = time
    self.count = count
  }
}

/// The series of one artifact.
public struct ArtifactSeries: Hashable, Sendable {
  /// E.g. `linux-64`.
  public var subdir: String
  /// E.g. `a-1.0-0.conda`.
  public var fileName: String
  /// In order of time; buckets without any are left out.
  public var points: [SeriesPoint]

  /// All fields, in order.
  public init(subdir: String, fileName: String, points: [SeriesPoint]) {
    self.subdir = subdir
    self.fileName = fileName
    self.points = points
  }
}

/// Downloads of one artifact that were just written down.
public struct CountedDownloads: Hashable, Sendable {
  /// The channel's name.
  public var channel: String
  /// Whether the channel is private.
  public var isPrivate: Bool
  /// E.g. `linux-64`.
  public var subdir: String
  /// The package's name.
  public var package: String
  /// As the artifact spells it.
  public var version: String
  /// `conda` or `tar.bz2`.
  public var format: String
  /// How many.
  public var count: Int
}

extension CountedDownloads {
  init(row: Row, count: Int) throws {
    self.init(
      channel: try row.value("channelName"), isPrivate: try row.value("isPrivate"),
      subdir: try row.value("subdir"), package: try row.value("packageName"),
      version: try row.value("version"), format: try row.value("format"), count: count)
  }
}
