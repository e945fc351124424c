import Foundation
import Locks
import S3Signer

/// Keeps credentials until shortly before they expire, and gets new ones in time.
///
/// Whoever asks gets what is known at once. Some minutes before it expires, the first to ask starts a refresh that nobody
/// waits for; in the last minute, and after it, everybody waits for the same one. If a refresh fails, what is known is
/// used as long as it works.
final class RefreshingCredentials: CredentialsProvider {
  typealias Outcome = Result<ExpiringCredentials, BlobStoreError>

  private struct State {
    var known: ExpiringCredentials?
    /// From when on to look for new ones; `nil` for never.
    var refreshTime: Date?
    var refresh: Task<Outcome, Never>?
  }

  /// Begins this many seconds before the end, and up to ``jitter`` more, so that a fleet does not ask all at once.
  static let margin: TimeInterval = 300
  static let jitter: TimeInterval = 60
  /// With fewer seconds left, nobody is sent off with what is known while new ones can be had.
  static let lastMoment: TimeInterval = 60
  /// Seconds until a failed refresh is tried again.
  static let retryPause: TimeInterval = 20

  private let state = Guarded(State())
  private let find: @Sendable () async -> Outcome
  private let now: @Sendable () -> Date
  private let onFailure: @Sendable (BlobStoreError) -> Void

  /// - Parameters:
  ///   - onFailure: Called when a refresh has failed while what is known still works; nobody else would notice.
  ///   - find: Looks for credentials.
  init(
    now: @escaping @Sendable () -> Date, onFailure: @escaping @Sendable (BlobStoreError) -> Void,
    find: @escaping @Sendable () async -> Outcome
  ) {
    self.find = find
    self.now = now
    self.onFailure = onFailure
  }

  /// What to do for one who asks.
  private enum Step {
    case use(Credentials)
    case wait(Task<Outcome, Never>, orUse: Credentials?)
  }

  func credentials() async throws(BlobStoreError) -> Credentials {
    switch nextStep() {
    case .use(let credentials): return credentials
    case .wait(let refresh, let fallback):
      switch await refresh.value {
      case .success(let fresh): return fresh.credentials
      case .failure(let error):
        guard let fallback else { throw error }
        return fallback
      }
    }
  }

  private func nextStep() -> Step {
    let moment = now()
    return state.withLock { state in
      guard let known = state.known else { return .wait(startRefresh(&state), orUse: nil) }
      let left = known.timeLeft(at: moment) ?? .infinity
      let isDue = state.refreshTime.map { $0 <= moment } ?? false
      if left > 0, !isDue { return .use(known.credentials) }
      let refresh = startRefresh(&state)
      if left > Self.lastMoment { return .use(known.credentials) }
      return .wait(refresh, orUse: left > 0 ? known.credentials : nil)
    }
  }

  private func startRefresh(_ state: inout State) -> Task<Outcome, Never> {
    if let running = state.refresh { return running }
    let task = Task { [self] in
      let outcome = await find()
      settle(outcome)
      return outcome
    }
    state.refresh = task
    return task
  }

  /// Takes over what a refresh brought.
  private func settle(_ outcome: Outcome) {
    let moment = now()
    let isQuietFailure = state.withLock { state in
      state.refresh = nil
      switch outcome {
      case .success(let fresh):
        state.known = fresh
        state.refreshTime = fresh.timeLeft(at: moment).map { moment + Self.pause(lifetime: $0) }
        return false
      case .failure:
        state.refreshTime = moment + Self.retryPause
        return (state.known?.timeLeft(at: moment) ?? 0) > 0
      }
    }
    if isQuietFailure, case .failure(let error) = outcome { onFailure(error) }
  }

  /// How long to rely on credentials that work for `lifetime` more seconds: never less than half of it, or short-lived
  /// ones would be asked for all the time.
  private static func pause(lifetime: TimeInterval) -> TimeInterval {
    let early = margin + .random(in: 0...jitter)
    return max(lifetime - early, lifetime / 2)
  }
}
