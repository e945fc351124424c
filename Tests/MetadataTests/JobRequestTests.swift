import Foundation
import Testing

@testable import Metadata

/// Jobs that somebody asked for: tasks, repetitions, and what somebody can do to them.
@Suite struct JobRequestTests {
  private func enqueue(_ test: TestStore, repeats: Int64? = nil, key: String? = nil) async throws -> JobRow {
    try await test.store.enqueueJob(
      NewJob(
        name: "reindex", deduplicationKey: key, runAt: Times.start, ownerID: test.user.id,
        channelID: test.channel.id, repeatSeconds: repeats), now: Times.start)
  }

  private func claim(_ test: TestStore, at time: Date = Times.start) async throws -> JobRow? {
    try await test.store.claimJob(now: time, lease: 60)
  }

  private func statuses(_ test: TestStore, _ job: JobRow) async throws -> [String] {
    try await test.store.tasks(
      jobID: job.id, in: ["running", "success", "failed", "skipped"], skip: 0, limit: nil
    ).rows.map(\.status)
  }

  @Test func everyAttemptIsATask() async throws {
    let test = try await TestStore()
    let job = try await enqueue(test)
    let first = try #require(await claim(test))
    #expect(try await statuses(test, job) == ["running"])
    try await test.store.finishJob(first, outcome: .retry(at: Times.later, error: "x"))
    #expect(try await test.store.requestedJob(id: job.id)?.failures == 1)
    let second = try #require(await claim(test, at: Times.later))
    #expect(second.failures == 1)
    // Its lease ends, and another one takes it up.
    let third = try #require(await claim(test, at: Times.muchLater))
    #expect(try await statuses(test, job) == ["failed", "failed", "running"])
    #expect(try await !test.store.renewJob(second, until: Times.muchLater))
    #expect(try await test.store.renewJob(third, until: Times.muchLater.addingTimeInterval(60)))
    try await test.store.finishJob(third, outcome: .succeeded)
    #expect(try await statuses(test, job) == ["failed", "failed", "success"])
    let end = try #require(await test.store.requestedJob(id: job.id))
    #expect(end.state == .succeeded && end.failures == 0 && end.lastError == nil)
  }

  @Test func aRepetitionCountsFromTheStartHoweverTheAttemptEnded() async throws {
    let test = try await TestStore()
    let job = try await enqueue(test, repeats: 60)
    for (round, outcome) in [JobOutcome.succeeded, .failed(error: "x"), .succeeded].enumerated() {
      let start = Times.start.addingTimeInterval(Double(round) * 60)
      let claimed = try #require(await claim(test, at: start))
      try await test.store.finishJob(claimed, outcome: outcome, startedAt: start)
      #expect(try await claim(test, at: start.addingTimeInterval(59)) == nil)
    }
    #expect(try await statuses(test, job) == ["success", "failed", "success"])
    #expect(try await test.store.requestedJob(id: job.id)?.state == .waiting)
  }

  @Test func movingAJobTakesItFromItsRunner() async throws {
    let test = try await TestStore()
    let job = try await enqueue(test, repeats: 60, key: "k")
    let claimed = try #require(await claim(test))
    #expect(try await test.store.moveJob(id: job.id, to: .cancelled, now: Times.later))
    #expect(try await !test.store.finishJob(claimed, outcome: .succeeded))
    #expect(try await test.store.requestedJob(id: job.id)?.state == .cancelled)
    #expect(try await statuses(test, job) == ["skipped"])
    let twin = try await enqueue(test, key: "k")
    #expect(try await !test.store.moveJob(id: job.id, to: .waiting, now: Times.later))
    #expect(try await test.store.moveJob(id: twin.id, to: .failed, now: Times.later))
    #expect(try await test.store.moveJob(id: job.id, to: .waiting, now: Times.later))
    #expect(try await claim(test, at: Times.start) == nil)
    #expect(try await claim(test, at: Times.later)?.id == job.id)
  }

  @Test func aNewProcessTakesUpWhatTheOldOneHeld() async throws {
    let test = try await TestStore()
    let job = try await enqueue(test, key: "k")
    _ = try #require(await claim(test))
    try await test.store.releaseJobs()
    #expect(try await statuses(test, job) == ["failed"])
    #expect(try await claim(test)?.id == job.id)
    // While it ran, the same was asked for again: once is enough.
    let twin = try await enqueue(test, key: "k")
    try await test.store.releaseJobs()
    #expect(try await test.store.requestedJob(id: job.id)?.state == .succeeded)
    #expect(try await claim(test)?.id == twin.id)
  }

  @Test func listsShowNeitherTheServersOwnJobsNorThoseOfOthers() async throws {
    let test = try await TestStore()
    let own = try await enqueue(test)
    let internalJob = try await test.store.enqueueJob(
      NewJob(name: "gc", runAt: Times.start), now: Times.start)
    let all = try await test.store.requestedJobs(in: [.waiting], owner: nil, skip: 0, limit: nil)
    #expect(all.rows.map(\.id) == [own.id] && all.total == 1)
    #expect(try await test.store.requestedJobs(in: [.waiting], owner: UUID(), skip: 0, limit: nil).total == 0)
    #expect(try await test.store.requestedJobs(in: [], owner: nil, skip: 0, limit: nil).total == 0)
    #expect(try await test.store.requestedJob(id: internalJob.id) == nil)
    try await test.store.deleteChannel(id: test.channel.id)
    #expect(try await test.store.requestedJob(id: own.id) == nil)
  }

  @Test func onlyJobsOfTheNamedKindsAreClaimed() async throws {
    let test = try await TestStore()
    _ = try await enqueue(test)
    #expect(try await test.store.claimJob(["gc"], now: Times.start, lease: 60) == nil)
    #expect(try await test.store.claimJob(["gc", "reindex"], now: Times.start, lease: 60) != nil)
  }
}
