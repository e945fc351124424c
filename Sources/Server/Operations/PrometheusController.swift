import Foundation
import HTTPTypes
import Hummingbird
import Metadata
import NIOCore
import NIOPosix

/// `GET`, `HEAD /metricsp`: the numbers for Prometheus, under upstream's names (quetz-api.md §1.8).
struct PrometheusController: Sendable {
  let services: Services

  func addRoutes(to router: Router<AppContext>) {
    router.get("metricsp", use: show)
    router.head("metricsp", use: show)
  }

  private func show(_ request: Request, _ context: AppContext) async throws -> Response {
    var page = PrometheusText()
    requests(&page)
    packages(&page)
    freshness(&page)
    let facts = try await services.threads.runIfActive { ProcessFacts() }
    process(facts, &page)
    return Response(
      status: .ok, headers: [.contentType: PrometheusText.contentType],
      body: ResponseBody(byteBuffer: ByteBuffer(string: page.text)))
  }

  private func requests(_ page: inout PrometheusText) {
    let all = services.requestMetrics.all.map { series in
      (
        labels: [("method", series.key.method), ("path_template", series.key.template)],
        numbers: series.numbers
      )
    }
    page.begin("quetz_requests_total", "counter", "Requests by method and route.")
    for (labels, numbers) in all { page.sample("quetz_requests_total", labels, numbers.requests) }
    page.begin("quetz_responses_total", "counter", "Answers by method, route and status.")
    for (labels, numbers) in all {
      for (status, count) in numbers.statuses.sorted(by: { $0.key < $1.key }) {
        page.sample("quetz_responses_total", labels + [("status_code", String(status))], count)
      }
    }
    let histogram = "quetz_requests_processing_time_seconds"
    page.begin(histogram, "histogram", "Time from a request's head to the head of its answer.")
    for (labels, numbers) in all {
      var sum = 0
      for (index, count) in numbers.buckets.enumerated() {
        sum += count
        let bound = index < RequestMetrics.bounds.count ? "\(RequestMetrics.bounds[index])" : "+Inf"
        page.sample(histogram + "_bucket", labels + [("le", bound)], sum)
      }
      page.sample(histogram + "_sum", labels, numbers.seconds)
      page.sample(histogram + "_count", labels, numbers.requests)
    }
    page.begin("quetz_exceptions_total", "counter", "Requests that ended in a failure of the server.")
    for (labels, numbers) in all {
      for (type, count) in numbers.exceptions.sorted(by: { $0.key < $1.key }) {
        page.sample("quetz_exceptions_total", labels + [("exception_type", type)], count)
      }
    }
    page.begin("quetz_requests_in_progress", "gauge", "Requests without an answer yet.")
    for (method, count) in services.requestMetrics.inProgress {
      page.sample("quetz_requests_in_progress", [("method", method), ("path_template", "")], count)
    }
  }

  private func freshness(_ page: inout PrometheusText) {
    let histograms = services.freshness.histograms
    for (name, help, histogram) in [
      (
        "quetz_upload_to_shards_seconds", "Time from an upload's last byte to shards that have it.",
        histograms.toShards
      ),
      (
        "quetz_upload_to_repodata_seconds", "Time from an upload's last byte to repodata that has it.",
        histograms.toRepodata
      ),
    ] {
      page.begin(name, "histogram", help)
      var sum = 0
      for (index, count) in histogram.buckets.enumerated() {
        sum += count
        let bound = index < Freshness.bounds.count ? "\(Freshness.bounds[index])" : "+Inf"
        page.sample(name + "_bucket", [("le", bound)], sum)
      }
      page.sample(name + "_sum", [], histogram.seconds)
      page.sample(name + "_count", [], sum)
    }
  }

  private func packages(_ page: inout PrometheusText) {
    let counts = services.packageMetrics.counts
    for (name, help, values) in [
      ("download_count_total", "Downloads since the start, as they are written down.", counts.downloads),
      ("upload_count_total", "Uploads since the start.", counts.uploads),
    ] {
      page.begin(name, "counter", help)
      let lines = values.map { labels, count in
        (
          labels: [
            ("channel", labels.channel), ("platform", labels.platform), ("package_name", labels.packageName),
            ("version", labels.version), ("package_type", labels.packageType),
          ], count: count
        )
      }.sorted { $0.labels.map(\.1).lexicographicallyPrecedes($1.labels.map(\.1)) }
      for line in lines { page.sample(name, line.labels, line.count) }
    }
  }

  private func process(_ facts: ProcessFacts, _ page: inout PrometheusText) {
    page.begin("database_pool_size", "gauge", "Connections to the database at most.")
    page.sample("database_pool_size", [], services.metadata.connectionLimit)
    page.begin("database_connections_used", "gauge", "Database operations under way.")
    page.sample("database_connections_used", [], services.metadata.operationsUnderWay)
    page.begin("process_cpu_seconds_total", "counter", "User and system time in seconds.")
    page.sample("process_cpu_seconds_total", [], facts.cpuSeconds)
    page.begin("process_resident_memory_bytes", "gauge", "Resident memory in bytes.")
    page.sample("process_resident_memory_bytes", [], facts.residentBytes)
    page.begin("process_virtual_memory_bytes", "gauge", "Virtual memory in bytes.")
    page.sample("process_virtual_memory_bytes", [], facts.virtualBytes)
    page.begin("process_open_fds", "gauge", "Open file descriptors.")
    page.sample("process_open_fds", [], facts.openDescriptors)
    page.begin("process_start_time_seconds", "gauge", "Unix time of the start.")
    page.sample("process_start_time_seconds", [], services.startedAt.timeIntervalSince1970)
  }
}
