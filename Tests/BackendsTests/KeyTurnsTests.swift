import Locks
import Testing

@testable import Backends

@Suite struct KeyTurnsTests {
  @Test func workOnOneKeyIsNeverDoneTwiceAtATime() async throws {
    let (turns, key) = (KeyTurns<BlobKey>(), try BlobKey("a"))
    let gauge = Guarded((now: 0, most: 0, done: 0))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 1...100 {
        group.addTask {
          try await turns.run(key) { () throws(BlobStoreError) in
            gauge.withLock { gauge in
              gauge.now += 1
              gauge.most = max(gauge.most, gauge.now)
            }
            await Task.yield()
            gauge.withLock { gauge in
              gauge.now -= 1
              gauge.done += 1
            }
          }
        }
      }
      try await group.waitForAll()
    }
    let seen = gauge.withLock { $0 }
    #expect(seen.most == 1)
    #expect(seen.done == 100)
  }

  @Test func whoeverDoesNotWaitRunsOnlyIfNobodyHasTheKey() async {
    let turns = KeyTurns<Int>()
    let inner = await turns.run(1) {
      (await turns.runIfFree(1) { "same" }, await turns.runIfFree(2) { "other" })
    }
    #expect(inner.0 == nil && inner.1 == "other")
    #expect(await turns.runIfFree(1) { "free again" } == "free again")
  }

  @Test func otherKeysDoNotWaitAndAFailurePassesTheTurnOn() async throws {
    let turns = KeyTurns<BlobKey>()
    let (first, second) = (try BlobKey("a"), try BlobKey("b"))
    let failed = await S3Bench.kind {
      try await turns.run(first) { () throws(BlobStoreError) in
        let inner = try await turns.run(second) { () throws(BlobStoreError) in 7 }
        throw BlobStoreError(.unavailable, message: "\(inner)")
      }
    }
    #expect(failed == .unavailable)
    #expect(try await turns.run(first) { () throws(BlobStoreError) in 8 } == 8)
  }
}
