package import Foundation
import Locks

/// Slows down who guesses: counts failed logins and failed keys per address and per account, in memory.
///
/// Within five minutes of its first failure a subject has so many; after that it waits for the end of the window. It
/// never stands between anybody and public data: a request with a bad key is anonymous first, and only its 401 becomes a
/// 429. Bounded: past 10,000 subjects those whose window is over go, then the oldest.
package final class FailureLimiter: Sendable {
  /// Whose failures are counted.
  package enum Subject: Hashable, Sendable {
    /// An IPv4 address, or the first 64 bits of an IPv6 address: whoever has one of them has all 2^64.
    case network(String)
    case account(String)

    /// The network of a client's address; a text that is none stands for itself.
    package static func address(_ text: String) -> Subject {
      guard text.contains(":"), let address = IPv6Address(String(text.prefix { $0 != "%" })) else {
        return .network(text)
      }
      if let embedded = address.mapped { return .network(embedded.text) }
      return .network(address.groups[..<4].map { String($0, radix: 16) }.joined(separator: ":") + "::/64")
    }
  }

  private struct Window {
    var start: Date
    var failures: Int
  }

  package static let window: TimeInterval = 300
  private static let capacity = 10_000

  private let limit: Int
  private let now: @Sendable () -> Date
  private let windows = Guarded<[Subject: Window]>([:])

  /// - Parameter limit: Failures per window and subject; 0 is no limit.
  package init(limit: Int, now: @escaping @Sendable () -> Date) {
    self.limit = limit
    self.now = now
  }

  /// How many seconds the subjects have to wait; `nil` if none has to.
  package func retryAfter(_ subjects: [Subject]) -> Int? {
    let now = now()
    let ends = windows.withLock { windows in
      subjects.compactMap { subject -> TimeInterval? in
        guard limit > 0, let window = windows[subject], window.failures >= limit else { return nil }
        let rest = window.start.addingTimeInterval(Self.window).timeIntervalSince(now)
        return rest > 0 ? rest : nil
      }
    }
    return ends.max().map { max(1, Int($0.rounded(.up))) }
  }

  /// - Throws: 429 with `Retry-After` if one of the subjects has failed too often.
  package func requireAllowed(_ subjects: [Subject]) throws {
    if let seconds = retryAfter(subjects) { throw APIError.tooManyFailures(retryAfter: seconds) }
  }

  /// Counts a failure of each subject.
  package func recordFailure(_ subjects: [Subject]) {
    guard limit > 0 else { return }
    let now = now()
    windows.withLock { windows in
      for subject in subjects {
        if let window = windows[subject], now.timeIntervalSince(window.start) < Self.window {
          windows[subject] = Window(start: window.start, failures: window.failures + 1)
        } else {
          if windows.count >= Self.capacity { Self.makeRoom(in: &windows, now: now) }
          windows[subject] = Window(start: now, failures: 1)
        }
      }
    }
  }

  /// Forgets an account's failures: its user has logged in.
  package func recordSuccess(account: String) {
    windows.withLock { $0[.account(account)] = nil }
  }

  private static func makeRoom(in windows: inout [Subject: Window], now: Date) {
    windows = windows.filter { now.timeIntervalSince($0.value.start) < window }
    guard windows.count >= capacity else { return }
    let starts = windows.values.map(\.start).sorted()
    let median = starts[starts.count / 2]
    windows = windows.filter { $0.value.start > median }
  }
}
