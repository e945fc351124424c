import Backends
import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

/// What becomes of jobs that fail. The store fails here; the clock is the test's.
@Suite struct JobRunnerTests {
  private struct Stage: Sendable {
    let app: TestApp
    let clock: TestClock
    let store: HookedStore
    let job: Int64

    func status() async throws -> String? {
      try await app.json("/api/jobs/\(job)", as: "owner")["status"]?.asString
    }

    /// How many attempts ended so.
    func attempts(_ status: String) async throws -> Int64? {
      try await app.json("/api/jobs/\(job)/tasks?status=\(status)", as: "owner")["pagination"]?[
        "all_records_count"]?.asInteger
    }

    func run(after seconds: TimeInterval = 0) async throws {
      clock.advance(seconds)
      await app.server.jobRunner.drain()
    }

    func fail() {
      store.before(.list) { _ throws(BlobStoreError) in throw BlobStoreError(.unavailable, message: "away") }
    }
  }

  /// A job that lists the store, queued and not begun.
  private static func with(
    _ more: [String: JSONValue] = [:], _ body: @Sendable (Stage) async throws -> Void
  ) async throws {
    let clock = TestClock(1_800_000_000)
    let store = HookedStore(MemoryStore())
    try await TestApp.with(
      storage: PackageStorage(place: StoragePlace(s3: nil), store: store), now: { clock.date }
    ) { app in
      try await app.createChannel("lab")
      let words: [String: JSONValue] = [
        "manifest": "pkgstore_cleanup", "items_spec": "*", "start_at": "2027-01-15T08:00:10",
      ]
      let answer = try await app.send(
        .post, "/api/jobs", as: "owner", json: .object(words.merging(more) { $1 }))
      let job = try #require(answer.json?["id"]?.asInteger, "\(answer.text)")
      try await body(Stage(app: app, clock: clock, store: store, job: job))
    }
  }

  @Test func triesFiveTimesWithGrowingPauses() async throws {
    try await Self.with { stage in
      stage.fail()
      try await stage.run(after: 10)
      for (attempt, pause) in [(1, 5.0), (2, 10), (3, 20), (4, 40)] as [(Int64, TimeInterval)] {
        #expect(try await stage.attempts("failed") == attempt)
        #expect(try await stage.status() == "pending")
        try await stage.run(after: pause - 0.5)
        #expect(try await stage.attempts("failed") == attempt, "too early for attempt \(attempt + 1)")
        try await stage.run(after: 0.5)
      }
      #expect(try await stage.attempts("failed") == 5)
      #expect(try await stage.status() == "failed")
      try await stage.run(after: 86_400)
      #expect(try await stage.attempts("failed") == 5)
    }
  }

  @Test func isContentWithALateSuccess() async throws {
    try await Self.with { stage in
      stage.fail()
      try await stage.run(after: 10)
      try await stage.run(after: 5)
      stage.store.before(.list, nil)
      try await stage.run(after: 10)
      #expect(try await stage.status() == "success")
      #expect(try await stage.attempts("failed") == 2)
      #expect(try await stage.attempts("success") == 1)
    }
  }

  @Test func beginsToCountAnewWhenSomebodyTriesAgain() async throws {
    try await Self.with { stage in
      stage.fail()
      for pause in [10.0, 5, 10, 20, 40] { try await stage.run(after: pause) }
      #expect(try await stage.status() == "failed")
      let again = try await stage.app.send(
        .patch, "/api/jobs/\(stage.job)", as: "owner", json: ["status": "pending"])
      #expect(again.status == 200)
      try await stage.run()
      #expect(try await stage.status() == "pending")
      #expect(try await stage.attempts("failed") == 6)
    }
  }

  @Test func aRepetitionGoesOnAfterItsAttemptsFailed() async throws {
    try await Self.with(["repeat_every_seconds": 1000]) { stage in
      stage.fail()
      for pause in [10.0, 5, 10, 20, 40] { try await stage.run(after: pause) }
      #expect(try await stage.attempts("failed") == 5)
      #expect(try await stage.status() == "pending")
      stage.store.before(.list, nil)
      try await stage.run(after: 1000)
      #expect(try await stage.attempts("success") == 1)
      #expect(try await stage.status() == "pending")
    }
  }

  @Test func forgetsWhatEndedLongAgo() async throws {
    try await Self.with { stage in
      try await stage.run(after: 10)
      #expect(try await stage.status() == "success")
      stage.clock.advance(30 * 86_400 - 60)
      try await stage.app.server.collectGarbage.collect()
      #expect(try await stage.status() == "success")
      stage.clock.advance(120)
      try await stage.app.server.collectGarbage.collect()
      expect(
        try await stage.app.send(.get, "/api/jobs/\(stage.job)", as: "owner"), 404,
        .string("Job with id \(stage.job) not found"))
    }
  }
}
