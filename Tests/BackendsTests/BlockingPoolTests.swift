import Foundation
import Locks
import Testing

@testable import Backends

@Suite struct BlockingPoolTests {
  @Test func runsAllJobsOnAtMostItsWidthOfThreads() async {
    let pool = BlockingPool(width: 3)
    let gauge = Gauge()
    let sum = await withTaskGroup(of: Int.self) { group in
      for number in 1...200 {
        group.addTask {
          await pool.run {
            gauge.enter()
            defer { gauge.leave() }
            sched_yield()
            return number
          }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(sum == 20_100)
    #expect((1...3).contains(gauge.most))
  }

  @Test func givesBackWhatTheJobThrows() async {
    let pool = BlockingPool(width: 1)
    await #expect(throws: BlobStoreError.self) {
      try await pool.run { () throws(BlobStoreError) in throw BlobStoreError(.damaged, message: "") }
    }
  }

  @Test func worksOnAfterItsThreadsHaveEnded() async {
    let pool = BlockingPool(width: 2, idleTime: .milliseconds(1))
    for number in 1...200 {
      #expect(await pool.run { number } == number)
      // Longer than the idle time: most threads end here, and no job depends on it.
      if number % 50 == 0 { usleep(3000) }
    }
  }
}

/// Counts how many are inside at the same time.
private final class Gauge: Sendable {
  private struct State {
    var inside = 0
    var most = 0
  }

  private let state = Guarded(State())

  var most: Int { state.withLock { $0.most } }

  func enter() {
    state.withLock { state in
      state.inside += 1
      state.most = max(state.most, state.inside)
    }
  }

  func leave() {
    state.withLock { $0.inside -= 1 }
  }
}
