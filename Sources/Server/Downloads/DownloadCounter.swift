import Locks
package import Logging
package import Metadata
import ServiceLifecycle

/// Counts downloads in memory and adds them to the database in batches; never on a request's path.
package final class DownloadCounter: Service {
  private let metadata: MetadataStore
  private let logger: Logger
  private let pending = Guarded<[DownloadKey: Int]>([:])
  private let interval: Duration

  package init(metadata: MetadataStore, logger: Logger, interval: Duration = .seconds(10)) {
    self.metadata = metadata
    self.logger = logger
    self.interval = interval
  }

  func count(_ artifact: ServedFile.ArtifactLocation, channelID: Int64) {
    let key = DownloadKey(channelID: channelID, subdir: artifact.subdir, fileName: artifact.fileName)
    pending.withLock { $0[key, default: 0] += 1 }
  }

  /// Writes what has come together since the last time.
  package func flush() async {
    let counts = pending.withLock { pending in
      let counts = pending
      pending = [:]
      return counts
    }
    if counts.isEmpty { return }
    do {
      try await metadata.addDownloads(counts)
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
