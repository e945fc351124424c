import Foundation
import Testing

@testable import Metadata

/// How many jobs there may be.
@Suite struct JobLimitTests {
  private static let limits = JobLimits(perOwner: 3, perChannel: 2)

  private func job(_ key: String, _ test: TestStore, owner: UUID? = nil, onChannel: Bool = false) -> NewJob {
    NewJob(
      name: "reindex", deduplicationKey: key, runAt: Times.start, ownerID: owner ?? test.user.id,
      channelID: onChannel ? test.channel.id : nil)
  }

  private func enqueue(_ jobs: [NewJob], _ test: TestStore) async throws -> [JobRow] {
    try await test.store.enqueueJobs(jobs, limits: Self.limits, now: Times.start)
  }

  private func expectRefusal(
    _ limit: Int, isChannels: Bool, _ body: () async throws -> Void
  ) async {
    await #expect {
      try await body()
    } throws: { error in
      (error as? MetadataError)?.kind == .tooManyJobs(limit: limit, isChannels: isChannels)
    }
  }

  @Test func aUserHasSoManyThatWaitOrRun() async throws {
    let test = try await TestStore()
    _ = try await enqueue(["a", "b", "c"].map { job($0, test) }, test)
    await expectRefusal(3, isChannels: false) { _ = try await enqueue([job("d", test)], test) }
    // The one that waits already is no further one.
    #expect(try await enqueue([job("b", test)], test).count == 1)
    let running = try #require(try await test.store.claimJob(now: Times.start, lease: 60))
    await expectRefusal(3, isChannels: false) { _ = try await enqueue([job("d", test)], test) }
    try await test.store.finishJob(running, outcome: .succeeded)
    _ = try await enqueue([job("d", test)], test)
    let other = try await test.store.createUser(
      username: "bob", role: nil, name: nil, avatarURL: "", now: Times.start)
    _ = try await enqueue([job("a", test, owner: other.id)], test)
  }

  @Test func aChannelHasSoManyWhoeverAsked() async throws {
    let test = try await TestStore()
    let other = try await test.store.createUser(
      username: "bob", role: nil, name: nil, avatarURL: "", now: Times.start)
    _ = try await enqueue([job("a", test, onChannel: true)], test)
    _ = try await enqueue([job("b", test, owner: other.id, onChannel: true)], test)
    // The server's own count for nothing.
    try await test.store.enqueueJob(
      NewJob(name: "own", runAt: Times.start, channelID: test.channel.id), now: Times.start)
    await expectRefusal(2, isChannels: true) {
      _ = try await enqueue([job("c", test, onChannel: true)], test)
    }
    _ = try await enqueue([job("c", test)], test)
  }

  @Test func jobsAreQueuedTogetherOrNotAtAll() async throws {
    let test = try await TestStore()
    _ = try await enqueue([job("a", test), job("b", test)], test)
    await expectRefusal(3, isChannels: false) {
      _ = try await enqueue([job("c", test), job("d", test)], test)
    }
    #expect(try await test.store.jobs(in: .waiting).count == 2)
    try await test.store.requireRoom(forJobs: 1, of: test.user.id, within: Self.limits)
    await expectRefusal(3, isChannels: false) {
      try await test.store.requireRoom(forJobs: 2, of: test.user.id, within: Self.limits)
    }
  }

  @Test func anEndedJobWaitsAgainOnlyWhereThereIsRoom() async throws {
    let test = try await TestStore()
    let rows = try await enqueue(["a", "b", "c"].map { job($0, test) }, test)
    #expect(try await test.store.moveJob(id: rows[0].id, to: .cancelled, now: Times.start))
    _ = try await enqueue([job("d", test)], test)
    await expectRefusal(3, isChannels: false) {
      _ = try await test.store.moveJob(
        id: rows[0].id, to: .waiting, limits: Self.limits, now: Times.start)
    }
    #expect(try await test.store.requestedJob(id: rows[0].id)?.state == .cancelled)
    // One that waits takes no more room than it has.
    #expect(
      try await test.store.moveJob(id: rows[1].id, to: .waiting, limits: Self.limits, now: Times.start))
  }

  @Test func whatIsCalledOffIsForgottenThoughItsTimeNeverCame() async throws {
    let test = try await TestStore()
    var future = job("a", test)
    future.runAt = Times.start.addingTimeInterval(1e9)
    let row = try await enqueue([future], test)[0]
    #expect(try await test.store.moveJob(id: row.id, to: .cancelled, now: Times.later))
    #expect(try await test.store.purgeFinishedJobs(before: Times.later) == 0)
    #expect(try await test.store.purgeFinishedJobs(before: Times.muchLater) == 1)
  }

  @Test func theLastThousandThatEndedAreKept() async throws {
    let test = try await TestStore()
    for _ in 0..<JobLimits.kept / 100 + 1 {
      for row in try await test.store.enqueueJobs(
        (0..<100).map { job("\($0)", test) }, limits: nil, now: Times.start)
      {
        _ = try await test.store.moveJob(id: row.id, to: .cancelled, now: Times.start)
      }
    }
    let last = try await enqueue([job("last", test)], test)[0]
    let ended = try await test.store.requestedJobs(in: [.cancelled], owner: test.user.id, skip: 0, limit: nil)
    #expect(ended.total == JobLimits.kept)
    #expect(ended.rows.first?.id == last.id - Int64(JobLimits.kept))
  }

  @Test func theLastThousandAttemptsAreKept() async throws {
    let test = try await TestStore()
    var repeated = job("a", test)
    repeated.repeatSeconds = 1
    let row = try await enqueue([repeated], test)[0]
    for second in 0..<(JobLimits.kept + 5) {
      let now = Times.start.addingTimeInterval(Double(second))
      let claimed = try #require(try await test.store.claimJob(now: now, lease: 60))
      try await test.store.finishJob(claimed, outcome: .succeeded, startedAt: now)
    }
    #expect(
      try await test.store.tasks(jobID: row.id, in: ["success"], skip: 0, limit: 0).total == JobLimits.kept)
  }
}
