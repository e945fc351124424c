import Dispatch
import Foundation
import Locks
import NIOCore

/// A few threads for system calls that block, so that Swift's cooperative threads never do.
///
/// Threads of its own rather than Dispatch queues: on Linux the concurrency runtime itself runs on Dispatch's
/// threads, and blocked blocks there hold tasks up. At most `width` threads, started when there is more work
/// than idle threads and ended after they were idle for a while, so that an unused pool costs nothing.
final class BlockingPool: Sendable {
  private struct State {
    var jobs = CircularBuffer<@Sendable () -> Void>()
    var threads = 0
    var idleThreads = 0
  }

  private let width: Int
  private let idleTime: DispatchTimeInterval
  private let state = Guarded(State())
  /// Signalled once for every job.
  private let work = DispatchSemaphore(value: 0)

  /// A pool of at most `width` threads.
  init(width: Int = 16, idleTime: DispatchTimeInterval = .seconds(5)) {
    self.width = width
    self.idleTime = idleTime
  }

  /// Runs `job` on one of the threads and gives back its outcome; waits for a free thread without blocking
  /// one.
  func run<Success: Sendable, Failure: Error>(
    _ job: @escaping @Sendable () throws(Failure) -> Success
  ) async throws(Failure) -> Success {
    let result: Result<Success, Failure> = await withCheckedContinuation { continuation in
      submit { continuation.resume(returning: Result(catching: job)) }
    }
    return try result.get()
  }

  private func submit(_ job: @escaping @Sendable () -> Void) {
    let needsThread = state.withLock { state in
      state.jobs.append(job)
      guard state.jobs.count > state.idleThreads, state.threads < width else { return false }
      state.threads += 1
      return true
    }
    if needsThread { startThread() }
    work.signal()
  }

  private func startThread() {
    let thread = Thread { self.runJobs() }
    thread.name = "blob-store-io"
    thread.start()
  }

  /// A thread's life: jobs until none has come for ``idleTime``.
  private func runJobs() {
    while true {
      state.withLock { $0.idleThreads += 1 }
      let outcome = work.wait(timeout: .now() + idleTime)
      let job = state.withLock { state in
        state.idleThreads -= 1
        let job = state.jobs.popFirst()
        // A job may have come between the timeout and this lock; its signal is then left over, and harmless.
        if job == nil, outcome == .timedOut { state.threads -= 1 }
        return job
      }
      if let job {
        job()
      } else if outcome == .timedOut {
        return
      }
    }
  }
}
