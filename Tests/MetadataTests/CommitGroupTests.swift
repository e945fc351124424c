import Foundation
import GRDB
import Testing

@testable import Metadata

@Suite struct CommitGroupTests {
  @Test func concurrentWritersShareCommits() async throws {
    let test = try await TestStore()
    let before = test.store.commitGroup.statistics
    let outcomes = try await outcomesOfOneGroup(of: 200, in: test) { number in "k\(number)" }
    let after = test.store.commitGroup.statistics
    #expect(outcomes.count { $0 } == 200)
    #expect(after.writes - before.writes == 201)
    #expect(after.commits - before.commits == 2)
    #expect(try await test.text("SELECT count(*) FROM setting") == ["200"])
  }

  @Test func groupsAreBounded() async throws {
    let test = try await TestStore()
    let before = test.store.commitGroup.statistics
    let outcomes = try await outcomesOfOneGroup(of: CommitGroup.maximumSize + 1, in: test) { "k\($0)" }
    #expect(outcomes.allSatisfy { $0 })
    #expect(test.store.commitGroup.statistics.commits - before.commits == 3)
  }

  @Test func largeWritesShareWithNobody() async throws {
    let test = try await TestStore()
    let before = test.store.commitGroup.statistics
    let outcomes = try await outcomesOfOneGroup(of: 5, areLarge: true, in: test) { "k\($0)" }
    #expect(outcomes.allSatisfy { $0 })
    #expect(test.store.commitGroup.statistics.commits - before.commits == 6)
    #expect(try await test.text("SELECT count(*) FROM setting") == ["5"])
  }

  @Test func aWriteWaitsForThoseAnnounced() async throws {
    let test = try await TestStore()
    let before = test.store.commitGroup.statistics
    let second = test.store.announceWrite()
    async let first: Void = test.store.setValue("1", of: "first")
    while test.store.commitGroup.waitingCount < 1, test.store.commitGroup.statistics == before {
      await Task.yield()
    }
    _ = try await test.store.write(announced: second) { db in
      try db.run("INSERT INTO setting VALUES ('second', '2')")
    }
    try await first
    // One commit, unless this machine took longer between the two than the first one's patience.
    #expect((1...2).contains(test.store.commitGroup.statistics.commits - before.commits))
    #expect(try await test.text("SELECT count(*) FROM setting") == ["2"])
  }

  /// Neither one that was given up nor one that never comes holds up the others.
  @Test func aWriteWaitsForNobodyLong() async throws {
    let test = try await TestStore()
    var given: AnnouncedWrite? = test.store.announceWrite()
    async let first: Void = test.store.setValue("1", of: "first")
    withExtendedLifetime(given) {}
    given = nil
    try await first
    let late = test.store.announceWrite()
    try await test.store.setValue("2", of: "second")
    #expect(try await test.text("SELECT count(*) FROM setting") == ["2"])
    _ = try await test.store.write(announced: late) { db in
      try db.run("INSERT INTO setting VALUES ('late', '3')")
    }
    #expect(try await test.text("SELECT count(*) FROM setting") == ["3"])
  }

  @Test(arguments: [false, true]) func anErrorOfALoneWriteUndoesAllOfIt(isLarge: Bool) async throws {
    let test = try await TestStore()
    let before = test.store.commitGroup.statistics
    await #expect(throws: MetadataError.self) {
      try await test.store.write(isLarge: isLarge) { db in
        try db.run("INSERT INTO setting VALUES ('first', 'x')")
        throw MetadataError(.notFound, "on purpose")
      }
    }
    #expect(test.store.commitGroup.statistics == before)
    #expect(try await test.text("SELECT count(*) FROM setting") == ["0"])
    try await test.store.setValue("fine", of: "next")
  }

  @Test(arguments: [false, true]) func anErrorUndoesItsOwnWriteOnly(isRepeatable: Bool) async throws {
    let test = try await TestStore()
    let failures = await withTaskGroup(of: Int.self) { group in
      for number in 0..<60 {
        group.addTask {
          do {
            try await test.store.write(isRepeatable: isRepeatable) { db in
              try db.run("INSERT INTO setting VALUES (?, 'x')", ["first\(number)"])
              if number % 3 == 0 { throw MetadataError(.notFound, "on purpose") }
              try db.run("INSERT INTO setting VALUES (?, 'x')", ["second\(number)"])
            }
            return 0
          } catch {
            return (error as? MetadataError)?.kind == .notFound ? 1 : 1000
          }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(failures == 20)
    #expect(try await test.text("SELECT count(*) FROM setting") == ["80"])
  }

  /// `RAISE(ROLLBACK)` does what SQLite does on a full disk: it ends the whole transaction.
  @Test func aTransactionThatSQLiteEndedFailsTheWholeGroup() async throws {
    let test = try await TestStore()
    try await test.store.write { db in
      try db.execute(
        sql: """
          CREATE TRIGGER bomb BEFORE INSERT ON setting WHEN new.key = 'bomb'
          BEGIN SELECT RAISE(ROLLBACK, 'boom'); END
          """)
    }
    let outcomes = try await outcomesOfOneGroup(of: 20, in: test) { number in
      number == 10 ? "bomb" : "k\(number)"
    }
    #expect(outcomes.allSatisfy { !$0 })
    #expect(try await test.text("SELECT count(*) FROM setting") == ["0"])
    try await test.store.setValue("fine", of: "next")
    #expect(try await test.store.value(of: "next") == "fine")
  }

  @Test func aFailedCommitFailsTheWholeGroup() async throws {
    let test = try await TestStore()
    try await test.store.write { db in
      try db.execute(
        sql: """
          CREATE TABLE late (userID BLOB REFERENCES user (id) DEFERRABLE INITIALLY DEFERRED);
          CREATE TRIGGER bomb AFTER INSERT ON setting WHEN new.key = 'bomb'
          BEGIN INSERT INTO late VALUES (zeroblob(16)); END
          """)
    }
    let outcomes = try await outcomesOfOneGroup(of: 20, in: test) { number in
      number == 10 ? "bomb" : "k\(number)"
    }
    #expect(outcomes.allSatisfy { !$0 })
    #expect(try await test.text("SELECT count(*) FROM setting") == ["0"])
    try await test.store.setValue("fine", of: "next")
  }

  /// Queues writes behind one that is held up until all of them wait, so that they are taken together.
  private func outcomesOfOneGroup(
    of count: Int, areLarge: Bool = false, in test: TestStore, key: @escaping @Sendable (Int) -> String
  ) async throws -> [Bool] {
    let gate = Gate()
    return await withTaskGroup(of: Bool?.self) { group in
      group.addTask {
        _ = try? await test.store.write { _ in gate.hold() }
        return nil
      }
      await gate.reached()
      for number in 0..<count {
        group.addTask {
          do {
            _ = try await test.store.write(isLarge: areLarge) { db in
              try db.run("INSERT INTO setting VALUES (?, 'x')", [key(number)])
            }
            return true
          } catch {
            return false
          }
        }
      }
      while test.store.commitGroup.waitingCount < count { await Task.yield() }
      gate.open()
      return await group.reduce(into: []) { outcomes, outcome in if let outcome { outcomes.append(outcome) } }
    }
  }
}

/// Holds a thread of the database's queue until the test opens it.
private final class Gate: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)
  private let (stream, continuation) = AsyncStream.makeStream(of: Void.self)

  func hold() {
    continuation.finish()
    semaphore.wait()
  }

  func reached() async {
    for await _ in stream {}
  }

  func open() { semaphore.signal() }
}
