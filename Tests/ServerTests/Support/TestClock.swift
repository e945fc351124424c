import Foundation
import NIOConcurrencyHelpers

/// A clock that tests move.
final class TestClock: Sendable {
  private let seconds: NIOLockedValueBox<TimeInterval>

  init(_ seconds: TimeInterval) { self.seconds = NIOLockedValueBox(seconds) }

  var date: Date { Date(timeIntervalSince1970: seconds.withLockedValue { $0 }) }

  func advance(_ interval: TimeInterval) { seconds.withLockedValue { $0 += interval } }
}
