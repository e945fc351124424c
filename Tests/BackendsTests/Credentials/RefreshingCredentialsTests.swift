import Foundation
import Locks
import S3Signer
import Testing

@testable import Backends

/// A place that has credentials when a test says so.
private final class Spring: Sendable {
  private struct State {
    var outcomes: [RefreshingCredentials.Outcome] = []
    var waiting: [CheckedContinuation<RefreshingCredentials.Outcome, Never>] = []
    var asked = 0
    var watchers: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Guarded(State())

  var asked: Int { state.withLock { $0.asked } }

  func find() async -> RefreshingCredentials.Outcome {
    await withCheckedContinuation { continuation in
      let (outcome, watchers) = state.withLock { state in
        state.asked += 1
        let watchers = state.watchers
        state.watchers = []
        guard !state.outcomes.isEmpty else {
          state.waiting.append(continuation)
          return (nil as RefreshingCredentials.Outcome?, watchers)
        }
        return (state.outcomes.removeFirst(), watchers)
      }
      watchers.forEach { $0.resume() }
      if let outcome { continuation.resume(returning: outcome) }
    }
  }

  /// Answers the one who waits, or the next to ask.
  func give(_ outcome: RefreshingCredentials.Outcome) {
    let waiting = state.withLock { state -> CheckedContinuation<RefreshingCredentials.Outcome, Never>? in
      guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
      state.outcomes.append(outcome)
      return nil
    }
    waiting?.resume(returning: outcome)
  }

  /// Waits until somebody has asked for the `count`th time.
  func untilAsked(_ count: Int) async {
    while asked < count {
      await withCheckedContinuation { continuation in
        let isThere = state.withLock { state in
          if state.asked < count { state.watchers.append(continuation) }
          return state.asked >= count
        }
        if isThere { continuation.resume() }
      }
    }
  }
}

@Suite struct RefreshingCredentialsTests {
  private let spring = Spring()
  private let failures = Guarded<[BlobStoreError]>([])
  private let setting: CredentialsSetting

  init() throws { setting = try CredentialsSetting() }

  private func make() -> RefreshingCredentials {
    RefreshingCredentials(
      now: setting.now, onFailure: { [failures] error in failures.withLock { $0.append(error) } },
      find: { [spring] in await spring.find() })
  }

  private func found(_ name: String, lasting seconds: TimeInterval?) -> RefreshingCredentials.Outcome {
    .success(
      ExpiringCredentials(credentials: .named(name), expiration: seconds.map { setting.now() + $0 }))
  }

  private let failure = BlobStoreError(.unavailable, message: "not now")

  @Test func permanentOnesAreLookedForOnce() async throws {
    let provider = make()
    spring.give(found("A", lasting: nil))
    for _ in 0..<3 {
      #expect(try await provider.credentials() == .named("A"))
      setting.move(by: 1e8)
    }
    #expect(spring.asked == 1)
  }

  @Test func allWhoAskAtOnceShareOneSearch() async throws {
    let provider = make()
    let answers = try await withThrowingTaskGroup(of: Credentials.self) { group in
      for _ in 0..<50 { group.addTask { try await provider.credentials() } }
      await spring.untilAsked(1)
      spring.give(found("A", lasting: 3600))
      return try await group.reduce(into: [Credentials]()) { $0.append($1) }
    }
    #expect(answers == Array(repeating: .named("A"), count: 50))
    #expect(spring.asked == 1)
  }

  @Test func minutesBeforeTheEndNewOnesAreFetchedWhileNobodyWaits() async throws {
    let provider = make()
    spring.give(found("A", lasting: 3600))
    #expect(try await provider.credentials() == .named("A"))
    setting.move(by: 3600 - 361)
    #expect(try await provider.credentials() == .named("A"))
    #expect(spring.asked == 1, "more than margin and jitter are left")

    setting.move(by: 62)
    #expect(try await provider.credentials() == .named("A"), "nobody waits")
    await spring.untilAsked(2)
    #expect(try await provider.credentials() == .named("A"), "nor does the next")
    setting.move(by: 250)
    async let waiting = provider.credentials()
    spring.give(found("B", lasting: 3600))
    #expect(try await waiting == .named("B"), "in the last minute one waits for the new ones")
    #expect(spring.asked == 2)
  }

  @Test func ifNewOnesCannotBeHadTheOldOnesServeToTheirEnd() async throws {
    let provider = make()
    spring.give(found("A", lasting: 3600))
    _ = try await provider.credentials()
    setting.move(by: 3570)
    spring.give(.failure(failure))
    #expect(try await provider.credentials() == .named("A"))
    #expect(failures.withLock { $0.map(\.message) } == ["not now"], "the log hears of it")
    #expect(try await provider.credentials() == .named("A"))
    #expect(spring.asked == 2, "the next try is 20 s later")

    setting.move(by: 31)
    spring.give(.failure(failure))
    let error = await #expect(throws: BlobStoreError.self) { try await provider.credentials() }
    #expect(error?.kind == .unavailable)
    spring.give(found("B", lasting: 3600))
    #expect(try await provider.credentials() == .named("B"))
  }

  @Test func shortLivedOnesAreNotAskedForAllTheTime() async throws {
    let provider = make()
    spring.give(found("A", lasting: 240))
    _ = try await provider.credentials()
    setting.move(by: 119)
    #expect(try await provider.credentials() == .named("A"))
    #expect(spring.asked == 1)
  }

  @Test func aFailureIsNotKept() async throws {
    let provider = make()
    spring.give(.failure(failure))
    await #expect(throws: BlobStoreError.self) { try await provider.credentials() }
    spring.give(found("A", lasting: 3600))
    #expect(try await provider.credentials() == .named("A"))
  }
}
