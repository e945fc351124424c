/// How often and when something that may succeed later is tried again.
///
/// Waits are random between zero and a bound that doubles from try to try ("full jitter"), so that many callers
/// that fail together do not come back together. What the server asks for by `Retry-After` is waited at least.
public struct RetryPolicy: Sendable {
  /// The bound of the first wait.
  public var firstDelay: Duration = .milliseconds(100)
  /// The largest bound of a wait.
  public var longestDelay: Duration = .seconds(10)
  /// How long after the first failure a last try may begin.
  public var budget: Duration
  /// Time since some fixed moment.
  public var now: @Sendable () -> Duration
  /// Waits; throws when the task is cancelled.
  public var sleep: @Sendable (Duration) async throws -> Void
  /// A random number from 0 to 1.
  public var random: @Sendable () -> Double

  /// A policy on the machine's clock and randomness; tests put others in their places.
  public init(budget: Duration = .seconds(60)) {
    let start = ContinuousClock.now
    self.budget = budget
    now = { ContinuousClock.now - start }
    sleep = { try await Task.sleep(for: $0) }
    random = { Double.random(in: 0...1) }
  }

  /// No second try.
  public static let never = RetryPolicy(budget: .zero)

  /// Runs `work` until it succeeds, fails for good, or the budget is spent.
  func run<Success>(
    _ work: () async throws(BlobStoreError) -> Success
  ) async throws(BlobStoreError) -> Success {
    var attempts = Attempts(self)
    while true {
      do {
        return try await work()
      } catch {
        guard await attempts.mayGoOn(after: error) else { throw error }
      }
    }
  }

  /// The tries of one piece of work.
  struct Attempts {
    private let policy: RetryPolicy
    private var failures = 0
    private var firstFailure: Duration?

    init(_ policy: RetryPolicy) { self.policy = policy }

    /// Forgets earlier failures: there was progress.
    mutating func reset() {
      failures = 0
      firstFailure = nil
    }

    /// Waits before the next try; `false` if there should be none.
    mutating func mayGoOn(
      after error: BlobStoreError, isolation actor: isolated (any Actor)? = #isolation
    ) async -> Bool {
      guard error.isRetryable, !Task.isCancelled else { return false }
      let now = policy.now()
      let start = firstFailure ?? now
      firstFailure = start
      let bound = min(policy.longestDelay, policy.firstDelay * (1 << min(failures, 16)))
      failures += 1
      let delay = max(error.retryAfter ?? .zero, bound * policy.random())
      guard policy.budget > .zero, now - start + delay <= policy.budget else { return false }
      // Cancelled while waiting: the error that there was is the answer.
      return (try? await policy.sleep(delay)) != nil
    }
  }
}
