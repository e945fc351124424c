package import Foundation
import Locks
package import Logging
package import Metadata
import ServiceLifecycle

/// Notes when keys were last used: in memory on a request's path, and into the database in batches.
///
/// A crash loses the last notes; that a key was used some seconds later than the database says does no harm.
package final class KeyUsage: Service {
  private let metadata: MetadataStore
  private let logger: Logger
  private let interval: Duration
  private let pending = Guarded<[UUID: Date]>([:])

  package init(metadata: MetadataStore, logger: Logger, interval: Duration = .seconds(30)) {
    self.metadata = metadata
    self.logger = logger
    self.interval = interval
  }

  /// Notes that a key was used.
  package func note(_ key: UUID, at time: Date) { pending.withLock { $0[key] = time } }

  /// Writes what has come together since the last time.
  package func flush() async {
    let times = pending.withLock { pending in
      defer { pending = [:] }
      return pending
    }
    if times.isEmpty { return }
    do {
      try await metadata.touchAPIKeys(times)
    } catch {
      pending.withLock { $0.merge(times, uniquingKeysWith: max) }
      logger.warning(
        "when keys were used was not written; it is kept for the next time",
        metadata: ["error.cause": "\(String(reflecting: error))"])
    }
  }

  package func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        try? await Task.sleep(for: self.interval)  // cancellation ends the wait; the flush below is the last
        await self.flush()
      }
    }
    await flush()
  }
}
