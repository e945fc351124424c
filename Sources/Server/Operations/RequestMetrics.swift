import Locks

/// Counts requests by method and route template, for `/metricsp`.
///
/// The labels are bounded: a template is a route of ours, a method one of nine, a status one of those we send. Counting
/// costs one look-up and one lock; whoever serves one route over and over takes its `series` once.
package final class RequestMetrics: Sendable {
  /// The upper bounds of the histogram's buckets, in seconds.
  static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
  private static let methods: Set<String> = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE",
  ]

  /// What names a series.
  struct Key: Hashable, Sendable {
    let method: String
    let template: String
  }

  /// The numbers of one method and route.
  package final class Series: Sendable {
    struct Numbers: Sendable {
      var requests = 0
      var seconds = 0.0
      /// One for each bound, and one for what is beyond.
      var buckets = [Int](repeating: 0, count: RequestMetrics.bounds.count + 1)
      var statuses: [Int: Int] = [:]
      var exceptions: [String: Int] = [:]
    }

    let numbers = Guarded(Numbers())

    /// Counts a request that is over.
    package func record(status: Int, duration: Duration, exception: String? = nil) {
      let (whole, atto) = duration.components
      let seconds = Double(whole) + Double(atto) * 1e-18
      let bucket = RequestMetrics.bounds.firstIndex { seconds <= $0 } ?? RequestMetrics.bounds.count
      numbers.withLock { numbers in
        numbers.requests += 1
        numbers.seconds += seconds
        numbers.buckets[bucket] += 1
        numbers.statuses[status, default: 0] += 1
        if let exception { numbers.exceptions[exception, default: 0] += 1 }
      }
    }
  }

  private let series = Guarded<[Key: Series]>([:])
  private let running = Guarded<[String: Int]>([:])
  private let templates = Guarded<[String: String]>([:])

  package init() {}

  /// The series of a method and a route template such as `/api/channels/{channel}`.
  package func series(method: String, template: String) -> Series {
    let key = Key(method: Self.methods.contains(method) ? method : "OTHER", template: template)
    return series.withLock { all in
      if let known = all[key] { return known }
      let new = Series()
      all[key] = new
      return new
    }
  }

  /// The series of a method and a route as the router has it, e.g. `/get/{channel}/**`.
  func series(method: String, endpoint: String?) -> Series {
    series(method: method, template: endpoint.map(template(of:)) ?? "")
  }

  /// Counts a request as running, until `end`. Its route is not known before it was routed.
  func begin(method: String) {
    running.withLock { $0[Self.methods.contains(method) ? method : "OTHER", default: 0] += 1 }
  }

  /// Counts a request that is over.
  ///
  /// - Parameter endpoint: The route as the router has it, e.g. `/api/channels/{channel}`; nil where the router was not asked.
  func end(method: String, endpoint: String?, status: Int, duration: Duration, exception: String?) {
    running.withLock { $0[Self.methods.contains(method) ? method : "OTHER", default: 1] -= 1 }
    series(method: method, endpoint: endpoint).record(
      status: status, duration: duration, exception: exception)
  }

  /// Upstream's names of what a path has, where ours are others.
  private static let parameters = [
    "channel": "channel_name", "package": "package_name", "job": "job_id", "mirror": "mirror_id",
  ]

  /// `/get/{channel}/**` → `/get/{channel_name}/{path:path}`, in the words of upstream's dashboards.
  private func template(of endpoint: String) -> String {
    templates.withLock { known in
      if let template = known[endpoint] { return template }
      let template = endpoint.split(separator: "/").map { part in
        if part == "**" { return "/{path:path}" }
        guard part.hasPrefix("{"), part.hasSuffix("}") else { return "/\(part)" }
        let name = String(part.dropFirst().dropLast())
        return "/{\(Self.parameters[name] ?? name)}"
      }.joined()
      known[endpoint] = template
      return template
    }
  }

  /// All series in a fixed order.
  var all: [(key: Key, numbers: Series.Numbers)] {
    let all = series.withLock { $0 }
    return all.map { ($0.key, $0.value.numbers.withLock { $0 }) }
      .sorted { ($0.key.template, $0.key.method) < ($1.key.template, $1.key.method) }
  }

  /// How many requests run, by method.
  var inProgress: [(method: String, count: Int)] {
    running.withLock { $0 }.map { ($0.key, $0.value) }.sorted { $0.method < $1.method }
  }
}
