package import Foundation
import Locks
package import Logging
package import Metadata
import ServiceLifecycle

/// Counts downloads in memory and adds them to the database in batches; never on a request's path.
package final class DownloadCounter: Service {
  private let metadata: MetadataStore
  private let metrics: PackageMetrics
  private let now: @Sendable () -> Date
  private let logger: Logger
  private let pending = Guarded<[DownloadKey: Int]>([:])
  private let interval: Duration

  package init(
    metadata: MetadataStore, metrics: PackageMetrics, now: @escaping @Sendable () -> Date, logger: Logger,
    interval: Duration = .seconds(10)
  ) {
    self.metadata = metadata
    self.metrics = metrics
    self.now = now
    self.logger = logger
    self.interval = interval
  }

  func count(_ artifact: ServedFile.ArtifactLocation, channelID: Int64) {
    let key = DownloadKey(channelID: channelID, subdir: artifact.subdir, fileName: artifact.fileName)
    pending.withLock { $0[key, default: 0] += 1 }
  }

  /// Writes what has come together since the last time, into the buckets of now: a download falls into the hour in which
  /// it is written down.
  package func flush() async {
    let counts = pending.withLock { pending in
      let counts = pending
      pending = [:]
      return counts
    }
    if counts.isEmpty { return }
    do {
      metrics.count(downloads: try await metadata.addDownloads(counts, now: now()))
    } catch {
      pending.withLock { $0.merge(counts, uniquingKeysWith: +) }
      logger.warning(
        "download counts were not written; they are kept for the next time",
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
