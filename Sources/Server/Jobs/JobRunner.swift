import Foundation
import Logging
import Metadata
import ServiceLifecycle

/// Why a job cannot be done, now or ever: it is not tried again.
struct JobImpossible: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Takes jobs out of the queue, one after the other, and runs them.
///
/// A job is claimed by a lease, which is renewed while it runs: a claim that is lost (a crash, a stalled machine) goes to
/// the next who asks, so a job can run twice and must be safe to. One that fails is tried again with growing pauses, five
/// times in all.
package actor JobRunner: Service {
  /// How long a claim holds without a sign of life, in seconds.
  private static let lease: TimeInterval = 300
  private static let maximumFailures: Int64 = 5
  /// How often it is looked for jobs that became due.
  private static let interval: Duration = .seconds(5)

  private let queue: JobQueue
  private let jobs: ChannelJobs
  private let now: @Sendable () -> Date
  private let logger: Logger
  private var current: Task<Void, Never>?

  init(queue: JobQueue, jobs: ChannelJobs, now: @escaping @Sendable () -> Date, logger: Logger) {
    self.queue = queue
    self.jobs = jobs
    self.now = now
    self.logger = logger
  }

  package func run() async throws {
    queue.poke()  // whatever is due already
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await self.tick() }
        group.addTask {
          for await _ in self.queue.pokes { await self.drain() }
        }
      }
    }
  }

  /// Looks every few seconds for jobs whose time has come.
  private nonisolated func tick() async {
    while !Task.isCancelled {
      do { try await Task.sleep(for: Self.interval) } catch { return }
      queue.poke()
    }
  }

  /// Runs everything that is due, and returns when it is done. What others drain meanwhile is waited for.
  package func drain() async {
    while let task = current { await task.value }
    // It clears `current` itself: waiting for a task that is over does not suspend, so those who wait in the loop above
    // would never let anybody else in to do it.
    let task = Task {
      await self.runDueJobs()
      self.current = nil
    }
    current = task
    await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
  }

  private func runDueJobs() async {
    do {
      while !Task.isCancelled, let job = try await queue.metadata.claimJob(now: now(), lease: Self.lease) {
        try await attempt(job)
      }
    } catch {
      logger.error("jobs cannot be taken up", metadata: ["error.cause": "\(String(reflecting: error))"])
    }
  }

  private func attempt(_ job: JobRow) async throws {
    let start = now()
    let outcome: JobOutcome
    do {
      try await renewing(job) { try await self.jobs.run(job) }
      outcome = .succeeded
    } catch let error as JobImpossible {
      outcome = .failed(error: error.description)
    } catch  where Task.isCancelled {
      outcome = .retry(at: now(), error: "the server was stopped")
    } catch {
      let pause = 5 * TimeInterval(1 << min(job.failures, 8))
      let text = String(describing: error)
      outcome =
        job.failures + 1 < Self.maximumFailures
        ? .retry(at: now().addingTimeInterval(pause), error: text) : .failed(error: text)
    }
    log(job, outcome)
    try await queue.metadata.finishJob(job, outcome: outcome, startedAt: start)
  }

  /// Runs a body and keeps the claim alive meanwhile.
  private func renewing(_ job: JobRow, _ body: @escaping @Sendable () async throws -> Void) async throws {
    let metadata = queue.metadata
    let now = now
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        while true {
          do { try await Task.sleep(for: .seconds(Self.lease / 3)) } catch { return false }
          _ = try? await metadata.renewJob(job, until: now().addingTimeInterval(Self.lease))
        }
      }
      group.addTask {
        try await body()
        return true
      }
      while let isBody = try await group.next(), !isBody {}
      group.cancelAll()
    }
  }

  private func log(_ job: JobRow, _ outcome: JobOutcome) {
    let metadata: Logger.Metadata = ["job.id": "\(job.id)", "job.name": "\(job.name)"]
    switch outcome {
    case .succeeded: logger.info("job done", metadata: metadata)
    case .retry(_, let error):
      logger.warning(
        "job failed; trying again", metadata: metadata.merging(["error.cause": "\(error)"]) { $1 })
    case .failed(let error):
      logger.error("job failed", metadata: metadata.merging(["error.cause": "\(error)"]) { $1 })
    }
  }
}
