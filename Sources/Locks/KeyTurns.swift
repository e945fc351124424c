/// Lets one piece of work at a time have a key; others wait in the order they came.
///
/// Pure bookkeeping in memory: keys that nobody has cost nothing.
public final class KeyTurns<Key: Hashable & Sendable>: Sendable {
  /// Who waits for a key that somebody has.
  private let waiting = Guarded<[Key: [CheckedContinuation<Void, Never>]]>([:])

  /// Nobody has a turn.
  public init() {}

  /// Runs `work` when it is its turn. A task that is cancelled meanwhile waits all the same; its work sees it.
  ///
  /// `work` must not ask for the same key: it would wait for itself.
  public func run<Success: Sendable, Failure: Error>(
    _ key: Key, _ work: () async throws(Failure) -> Success
  ) async throws(Failure) -> Success {
    await take(key)
    defer { pass(key) }
    return try await work()
  }

  /// Runs `work` if nobody has the key, and does nothing otherwise.
  ///
  /// - Returns: What `work` returns; nil if it did not run.
  public func runIfFree<Success: Sendable, Failure: Error>(
    _ key: Key, _ work: () async throws(Failure) -> Success
  ) async throws(Failure) -> Success? {
    guard takeIfFree(key) else { return nil }
    defer { pass(key) }
    return try await work()
  }

  private func takeIfFree(_ key: Key) -> Bool {
    waiting.withLock { waiting in
      guard waiting[key] == nil else { return false }
      waiting[key] = []
      return true
    }
  }

  private func take(_ key: Key) async {
    await withCheckedContinuation { continuation in
      let isFree = waiting.withLock { waiting in
        if waiting[key]?.append(continuation) != nil { return false }
        waiting[key] = []
        return true
      }
      if isFree { continuation.resume() }
    }
  }

  private func pass(_ key: Key) {
    let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
      guard let queue = waiting[key], let next = queue.first else {
        waiting[key] = nil
        return nil
      }
      waiting[key] = Array(queue.dropFirst())
      return next
    }
    next?.resume()
  }
}
