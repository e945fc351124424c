import Synchronization

/// The downloads of one artifact that are not yet written down.
package final class DownloadTally: Sendable {
  private let count = Atomic<Int>(0)

  /// Counts one; costs an atomic addition.
  package func add(_ more: Int = 1) { count.add(more, ordering: .relaxed) }

  /// What has come together since the last time.
  func take() -> Int { count.exchange(0, ordering: .relaxed) }
}
