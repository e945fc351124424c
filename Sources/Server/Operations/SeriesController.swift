import APITypes
import CondaTypes
package import Foundation
import Hummingbird
package import Metadata

/// `/metrics/channels/{c}`: downloads bucket by bucket (quetz-api.md §1.8).
struct SeriesController: Sendable {
  let services: Services

  /// What is counted.
  enum Metric: String, CaseIterable, Sendable {
    case download
  }

  func addRoutes(to router: Router<AppContext>) {
    router.get("metrics/channels/:channel", use: channel)
    router.get("metrics/channels/:channel/packages/:package/versions/:platform/:filename", use: version)
  }

  /// The parameters that both routes take.
  private struct Window {
    let period: SeriesPeriod
    let metric: Metric
    let start: Date?
    let end: Date?

    init(_ query: inout QueryParameters) {
      period = query.choice("period", default: .day)
      metric = query.choice("metric_name", default: .download)
      start = query.time("start")
      end = query.time("end")
    }
  }

  /// Unlike upstream, a private channel shows its numbers to its readers only.
  private func channel(_ request: Request, _ context: AppContext) async throws -> Response {
    var query = QueryParameters(request.uri.query)
    let found = try await services.metadata.channel(named: context.pathParameter("channel"))
    if let found {
      try await services.authorizer.require(.readChannel, on: found, for: context.principal)
    }
    let window = Window(&query)
    try query.validate()
    var packages: [String: PackageSeriesBody] = [:]
    // A channel that is not there has counted nothing, as upstream answers.
    if let found {
      let all = try await services.metadata.downloadSeries(
        channelID: found.id, period: window.period, subdir: query.text("platform"), start: window.start,
        end: window.end)
      for series in all {
        packages["\(series.subdir)/\(series.fileName)"] = PackageSeriesBody(
          series: series.points.map(SeriesPointBody.init(point:)))
      }
    }
    return try .json(
      ChannelSeriesBody(
        serverTimestamp: Timestamp.naive(services.now()), period: window.period.rawValue,
        metricName: window.metric.rawValue, packages: packages))
  }

  private func version(_ request: Request, _ context: AppContext) async throws -> Response {
    let (channel, package) = try await services.readablePackage(context)
    var query = QueryParameters(request.uri.query)
    let window = Window(&query)
    let fillsZeros = query.bool("fill_zeros", default: false)
    try query.validate()
    let (subdir, fileName) = (try context.pathParameter("platform"), try context.pathParameter("filename"))
    let found = try await services.metadata.artifact(
      channelID: channel.id, subdir: subdir, fileName: fileName)
    guard let artifact = found, artifact.packageID == package.id else {
      throw APIError(.packageVersionNotFound, "package version \(subdir)/\(fileName) not found")
    }
    var points = try await services.metadata.downloadSeries(
      artifactID: artifact.id, period: window.period, start: window.start, end: window.end)
    if fillsZeros {
      points = try SeriesFilling.filled(points, window.period, from: window.start, to: window.end)
    }
    return try .json(
      VersionSeriesBody(
        serverTimestamp: Timestamp.naive(services.now()), period: window.period.rawValue,
        metricName: window.metric.rawValue, total: points.reduce(0) { $0 + $1.count },
        series: points.map(SeriesPointBody.init(point:))))
  }
}

/// Puts zeros where a series has nothing. Pure.
package enum SeriesFilling {
  /// The most points of one answer: forty years of days.
  static let maximum = 15_000

  /// The series with every bucket from `start` (or its first point) to `end` (or its last), both rounded down, both
  /// included. An empty series stays empty.
  ///
  /// - Throws: 422 if that would be more than 15,000.
  package static func filled(
    _ points: [SeriesPoint], _ period: SeriesPeriod, from start: Date?, to end: Date?
  ) throws -> [SeriesPoint] {
    guard let first = points.first, let last = points.last else { return [] }
    let counts = Dictionary(points.map { ($0.time, $0.count) }, uniquingKeysWith: +)
    var filled: [SeriesPoint] = []
    var time = period.start(of: start ?? first.time)
    let final = period.start(of: end ?? last.time)
    while time <= final {
      guard filled.count < maximum else {
        throw APIError.validation([
          ValidationIssue(
            type: "too_long", location: ["query", "fill_zeros"],
            message: "Value error, the series would have more than \(maximum) points")
        ])
      }
      filled.append(SeriesPoint(time: time, count: counts[time] ?? 0))
      time = period.next(after: time)
    }
    return filled
  }
}

extension SeriesPointBody {
  init(point: SeriesPoint) {
    self.init(timestamp: Timestamp.naive(point.time), count: point.count)
  }
}
