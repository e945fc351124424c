import Foundation
import GRDB
import Testing

@testable import Metadata

@Suite struct JobTests {
  private func enqueue(_ test: TestStore, _ key: String?, at time: Date = Times.start) async throws -> JobRow
  {
    try await test.store.enqueueJob(
      NewJob(name: "gc", payload: #"{"a":1}"#, deduplicationKey: key, runAt: time), now: Times.start)
  }

  @Test func aWaitingJobSwallowsItsDuplicates() async throws {
    let test = try await TestStore()
    let first = try await enqueue(test, "k")
    #expect(try await enqueue(test, "k") == first)
    #expect(try await enqueue(test, "other") != first)
    #expect(try await enqueue(test, nil) != enqueue(test, nil))
    #expect(first.state == .waiting && first.payload == #"{"a":1}"#)
  }

  @Test func aJobIsClaimedByOneRunnerOnly() async throws {
    let test = try await TestStore()
    for number in 0..<5 { _ = try await enqueue(test, "k\(number)") }
    let claims = try await withThrowingTaskGroup(of: JobRow?.self) { group in
      for _ in 0..<20 { group.addTask { try await test.store.claimJob(now: Times.start, lease: 60) } }
      return try await group.reduce(into: [JobRow]()) { claims, claim in if let claim { claims.append(claim) }
      }
    }
    #expect(Set(claims.map(\.id)).count == 5)
    #expect(claims.count == 5)
  }

  @Test func jobsWaitForTheirTimeAndTheOldestGoesFirst() async throws {
    let test = try await TestStore()
    let second = try await enqueue(test, "b", at: Times.muchLater)
    let first = try await enqueue(test, "a", at: Times.later)
    #expect(try await test.store.claimJob(now: Times.start, lease: 60) == nil)
    #expect(try await test.store.claimJob(now: Times.muchLater, lease: 60)?.id == first.id)
    #expect(try await test.store.claimJob(now: Times.muchLater, lease: 60)?.id == second.id)
  }

  @Test func aLostClaimCanNeitherFinishNorRetryTheJob() async throws {
    let test = try await TestStore()
    _ = try await enqueue(test, "k")
    let lost = try #require(await test.store.claimJob(now: Times.start, lease: 60))
    #expect(try await test.store.claimJob(now: Times.start, lease: 60) == nil)
    let claim = try #require(await test.store.claimJob(now: Times.later, lease: 60))
    #expect(claim.id == lost.id && claim.attempts == 2)
    #expect(try await !test.store.finishJob(lost, outcome: .succeeded))
    #expect(try await test.store.finishJob(claim, outcome: .succeeded))
    #expect(try await !test.store.finishJob(claim, outcome: .failed(error: "x")))
    #expect(try await test.store.jobs(in: .succeeded).map(\.id) == [claim.id])
  }

  @Test func aFailedAttemptWaitsAgainUnlessANewerJobDoesItsWork() async throws {
    let test = try await TestStore()
    _ = try await enqueue(test, "k")
    let claim = try #require(await test.store.claimJob(now: Times.start, lease: 60))
    #expect(try await test.store.finishJob(claim, outcome: .retry(at: Times.later, error: "no network")))
    let waiting = try await test.store.jobs(in: .waiting)
    #expect(waiting.map(\.lastError) == ["no network"])
    let again = try #require(await test.store.claimJob(now: Times.later, lease: 60))
    let newer = try await enqueue(test, "k")
    #expect(newer.id != again.id)
    #expect(try await test.store.finishJob(again, outcome: .retry(at: Times.later, error: "still")))
    #expect(try await test.store.jobs(in: .waiting).map(\.id) == [newer.id])
  }
}

@Suite struct AuditTests {
  @Test func linesComeNewestFirstAndCanBeLimitedToAChannel() async throws {
    let test = try await TestStore()
    for number in 0..<3 {
      try await test.store.appendAudit(
        AuditEntry(
          time: Times.start, actorID: nil, action: "test", channelID: number == 1 ? 7 : nil,
          subject: "\(number)",
          detail: "{}"))
    }
    #expect(try await test.store.audit(channelID: nil, limit: 2).map(\.entry.subject) == ["2", "1"])
    #expect(try await test.store.audit(channelID: 7, limit: 9).map(\.entry.subject) == ["1"])
  }

  @Test func settingsAreKeptByKey() async throws {
    let test = try await TestStore()
    #expect(try await test.store.value(of: "k") == nil)
    for value in ["one", "two"] { try await test.store.setValue(value, of: "k") }
    #expect(try await test.store.value(of: "k") == "two")
  }
}

@Suite struct DurabilityTests {
  /// What a killed process leaves: its files as they are, without a checkpoint or a close.
  @Test func acknowledgedWritesAreThereAfterAKill() async throws {
    let test = try await TestStore()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<50 { group.addTask { try await test.publish("a-\(number)-0.conda") } }
      try await group.waitForAll()
    }
    let copy = test.folder.appendingPathComponent("copy.sqlite").path
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: test.path + suffix, toPath: copy + suffix)
    }
    let reopened = try MetadataStore.open(at: copy)
    #expect(try !reopened.hasPendingMigrations())
    #expect(try await reopened.artifacts(channelID: test.channel.id, packageName: "a").count == 50)
    #expect(try await reopened.markedShards().count == 1)
    #expect(
      try await reopened.read { db in try String.fetchAll(db, sql: "PRAGMA integrity_check") } == ["ok"])
    try reopened.close()
  }

  @Test func aSecondStoreOnTheSameFileSeesEveryAcknowledgedWrite() async throws {
    let test = try await TestStore()
    let other = try MetadataStore.open(at: test.path)
    for number in 0..<20 {
      try await test.publish("a-\(number)-0.conda")
      #expect(try await other.package(channelID: test.channel.id, named: "a")?.currentVersion == "\(number)")
    }
    try other.close()
  }

  @Test func aCancelledTaskStillGetsTheTruthAboutItsWrite() async throws {
    let test = try await TestStore()
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try await test.store.setValue("v", of: "k")
    }
    try await task.value
    #expect(try await test.store.value(of: "k") == "v")
    let read = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await kind { _ = try await test.store.value(of: "k") }
    }
    #expect(await read.value == .cancelled)
  }

  @Test func errorsShowNoSQLUnlessDebugged() async throws {
    let test = try await TestStore()
    let thrown = await #expect(throws: MetadataError.self) { _ = try await test.user(named: "alice") }
    let error = try #require(thrown)
    #expect("\(error)" == "this user exists already")
    #expect(String(reflecting: error).contains("INSERT INTO user"))
  }
}

@Suite struct AuditIsAppendOnlyTests {
  @Test(arguments: [
    "UPDATE audit SET subject = 'x'", "DELETE FROM audit",
    "INSERT OR REPLACE INTO audit (id, time, action, subject) VALUES (1, 0, 'x', 'x')",
  ])
  func refusesToChangeALine(sql: String) async throws {
    let test = try await TestStore()
    try await test.store.appendAudit(
      AuditEntry(time: Times.start, actorID: nil, action: "test", subject: "kept"))
    let first = try #require(try await test.store.audit(channelID: nil, limit: 99).last?.id)
    let statement = sql.replacing("VALUES (1,", with: "VALUES (\(first),")
    await #expect(throws: MetadataError.self) {
      _ = try await test.store.write { db in try db.execute(sql: statement) }
    }
    #expect(try await test.store.audit(channelID: nil, limit: 99).first?.entry.subject == "kept")
  }
}
