import Foundation

/// A value that only one thread at a time can touch.
///
/// Why not `Synchronization.Mutex`: on Linux it locks inside the standard library, where the thread sanitizer does not
/// see it, so that every access is reported as a race. It knows pthread's locks.
package final class Guarded<Value: Sendable>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  /// Guards a value.
  package init(_ value: Value) {
    self.value = value
    mutex = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs a closure that has the value to itself; it must be short and must not take the same lock again.
  package func withLock<Answer>(_ body: (inout Value) throws -> Answer) rethrows -> Answer {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }
}
