/// How often a call is repeated when it failed for a reason that may pass, and how long to wait in between.
public struct RetryPolicy: Sendable {
  /// Further tries after the first.
  public let retries: Int
  private let wait: @Sendable (_ failures: Int, _ asked: Duration?) async throws -> Void

  /// One try only.
  public static let never = RetryPolicy(retries: 0) { _, _ in }

  /// Waits half a second, then twice as long each time, 30 s at most, or as long as the server's `Retry-After`
  /// asks (60 s at most).
  public init(retries: Int) {
    self.init(retries: retries) { failures, asked in
      let own = min(Duration.seconds(30), .milliseconds(500) * (1 << min(failures - 1, 10)))
      try await Task.sleep(for: min(.seconds(60), asked ?? own))
    }
  }

  /// Waits as the closure does: tests do not wait at all.
  ///
  /// - Parameter wait: Gets the number of failures so far, from 1, and what the server asked for; throws to give up.
  public init(
    retries: Int, wait: @escaping @Sendable (_ failures: Int, _ asked: Duration?) async throws -> Void
  ) {
    self.retries = retries
    self.wait = wait
  }

  func run<Answer>(
    _ call: () async throws(RegistryError) -> Answer
  ) async throws(RegistryError) -> Answer {
    var failures = 0
    while true {
      do {
        return try await call()
      } catch {
        failures += 1
        guard error.isRetryable, failures <= retries else { throw error }
        var asked: Duration?
        if case .refused(let refusal) = error { asked = refusal.retryAfter }
        do { try await wait(failures, asked) } catch _ { throw error }
      }
    }
  }
}
