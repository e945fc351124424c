import CondaTypes
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

@Suite struct MetricsRoutesTests {
  private static let package = PackageBuilder(name: "a", version: "1.0", build: "0")
  private static let versionPath =
    "/metrics/channels/lab/packages/a/versions/noarch/\(package.fileName)"

  /// 2027-01-15 08:00:00 UTC.
  private static func withDownloads(
    isPrivate: Bool = false, _ body: @Sendable (TestApp) async throws -> Void
  ) async throws {
    let clock = TestClock(1_800_000_000)
    try await TestApp.with(now: { clock.date }) { app in
      try await app.createChannel("lab", isPrivate: isPrivate)
      #expect(try await app.upload(package, to: "lab").status == 201)
      for (count, pause) in [(2, 7200.0), (1, 86_400), (3, 0)] {
        for _ in 0..<count {
          #expect(try await app.send(.get, "/get/lab/noarch/\(package.fileName)", as: "owner").status == 200)
        }
        await app.server.services.downloadCounter.flush()
        clock.advance(pause)
      }
      try await body(app)
    }
  }

  private static func points(_ series: JSONValue?) -> [String] {
    (series?.asArray ?? []).map { point in
      "\(point["timestamp"]?.asString ?? "") \(point["count"]?.asInteger ?? -1)"
    }
  }

  @Test func giveTheDownloadsOfAVersionByBucket() async throws {
    try await Self.withDownloads { app in
      let expected: [(String, [String])] = [
        ("", ["2027-01-15T00:00:00 3", "2027-01-16T00:00:00 3"]),
        ("period=H", ["2027-01-15T08:00:00 2", "2027-01-15T10:00:00 1", "2027-01-16T10:00:00 3"]),
        ("period=M", ["2027-01-01T00:00:00 6"]), ("period=Y", ["2027-01-01T00:00:00 6"]),
        (
          "period=H&end=2027-01-15T12:00:00&fill_zeros=true",
          [
            "2027-01-15T08:00:00 2", "2027-01-15T09:00:00 0", "2027-01-15T10:00:00 1",
            "2027-01-15T11:00:00 0",
            "2027-01-15T12:00:00 0",
          ]
        ),
        ("period=H&start=2027-01-15T10:00:00&end=2027-01-16T10:00:00", ["2027-01-15T10:00:00 1"]),
        ("start=2028-01-01", []), ("start=2028-01-01&fill_zeros=true", []),
      ]
      for (query, points) in expected {
        let answer = try await app.send(.get, "\(Self.versionPath)?\(query)")
        #expect(answer.status == 200)
        #expect(answer.json?.keys == ["server_timestamp", "period", "metric_name", "total", "series"])
        #expect(Self.points(answer.json?["series"]) == points, "\(query)")
      }
      let day = try await app.json(Self.versionPath)
      #expect(day["total"] == 6 && day["period"] == "D" && day["metric_name"] == "download")
      #expect(day["server_timestamp"] == "2027-01-16T10:00:00")
      #expect(
        try await app.json("/api/channels/lab/packages/a/versions").asArray?.first?["download_count"] == 6)
    }
  }

  @Test func giveTheDownloadsOfAChannel() async throws {
    try await Self.withDownloads { app in
      let answer = try await app.json("/metrics/channels/LAB?period=H&start=2027-01-15T10:00:00")
      #expect(answer.keys == ["server_timestamp", "period", "metric_name", "packages"])
      #expect(answer["packages"]?.keys == ["noarch/\(Self.package.fileName)"])
      #expect(
        Self.points(answer["packages"]?["noarch/\(Self.package.fileName)"]?["series"]) == [
          "2027-01-15T10:00:00 1", "2027-01-16T10:00:00 3",
        ])
      #expect(try await app.json("/metrics/channels/lab?platform=osx-64")["packages"] == [:])
      #expect(try await app.json("/metrics/channels/none")["packages"] == [:])
    }
  }

  /// quetz-api.md §9.2, hole 6.
  @Test func areClosedForPrivateChannels() async throws {
    try await Self.withDownloads(isPrivate: true) { app in
      for path in ["/metrics/channels/lab", Self.versionPath] {
        expect(try await app.send(.get, path), 401, "Not logged in")
        expect(try await app.send(.get, path, as: "nobody"), 403, "No permission")
        #expect(try await app.send(.get, path, as: "owner").status == 200)
      }
      let page = try await app.send(.get, "/metricsp").text
      #expect(!page.contains("channel=\"lab\""))
      #expect(
        page.contains(
          "download_count_total{channel=\"\",platform=\"\",package_name=\"\",version=\"\",package_type=\"\"} 6"
        ))
    }
  }

  @Test func refuseWhatIsNotThere() async throws {
    try await Self.withDownloads { app in
      for query in ["period=W", "metric_name=upload", "start=yesterday", "end=x"] {
        #expect(try await app.send(.get, "/metrics/channels/lab?\(query)").status == 422, "\(query)")
        #expect(try await app.send(.get, "\(Self.versionPath)?\(query)").status == 422, "\(query)")
      }
      #expect(try await app.send(.get, "\(Self.versionPath)?fill_zeros=").status == 422)
      #expect(
        try await app.send(.get, "\(Self.versionPath)?period=H&fill_zeros=1&start=1970-01-01").status == 422)
      expect(
        try await app.send(.get, "/metrics/channels/lab/packages/a/versions/noarch/b-1-0.conda"), 404,
        "package version noarch/b-1-0.conda not found")
      expect(
        try await app.send(.get, "/metrics/channels/lab/packages/b/versions/noarch/b-1-0.conda"), 404,
        "Package lab/b not found")
    }
  }

  @Test func speakPrometheus() async throws {
    try await Self.withDownloads { app in
      for _ in 0..<3 { _ = try await app.send(.get, "/api/channels/none") }
      _ = try await app.send(.get, "/no/such/path/\(Self.package.fileName)")
      let answer = try await app.send(.get, "/metricsp")
      #expect(answer.status == 200)
      #expect(answer.headers[.contentType]?.hasPrefix("text/plain; version=0.0.4") == true)
      let lines = Set(answer.text.split(separator: "\n").map(String.init))
      for line in [
        #"quetz_requests_total{method="GET",path_template="/api/channels/{channel_name}"} 3"#,
        #"quetz_responses_total{method="GET",path_template="/api/channels/{channel_name}",status_code="404"} 3"#,
        #"quetz_requests_processing_time_seconds_bucket{method="GET",path_template="/api/channels/{channel_name}",le="+Inf"} 3"#,
        #"quetz_requests_processing_time_seconds_count{method="GET",path_template="/api/channels/{channel_name}"} 3"#,
        #"quetz_responses_total{method="GET",path_template="/get/{channel_name}/{path:path}",status_code="200"} 6"#,
        #"quetz_requests_total{method="GET",path_template="/NotFound"} 1"#,
        #"download_count_total{channel="lab",platform="noarch",package_name="a",version="1.0",package_type="conda"} 6"#,
        #"upload_count_total{channel="lab",platform="noarch",package_name="a",version="1.0",package_type="conda"} 1"#,
        "# TYPE quetz_exceptions_total counter", "database_pool_size 5",
      ] { #expect(lines.contains(line), "\(line)") }
      for name in [
        "quetz_requests_in_progress", "database_connections_used", "process_resident_memory_bytes",
      ] {
        #expect(answer.text.contains("\n\(name)"))
      }
      let head = try await app.send(.head, "/metricsp")
      #expect(head.status == 200 && head.body.isEmpty)
    }
  }
}
