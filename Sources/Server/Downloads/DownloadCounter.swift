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
  private let tallies = Guarded<[DownloadKey: DownloadTally]>([:])
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
    tally(of: artifact, channelID: channelID).add()
  }

  /// Where an artifact's downloads are counted; whoever sends it over and over keeps this.
  package func tally(of artifact: ServedFile.ArtifactLocation, channelID: Int64) -> DownloadTally {
    let key = DownloadKey(channelID: channelID, subdir: artifact.subdir, fileName: artifact.fileName)
    return tallies.withLock { tallies in
      if let known = tallies[key] { return known }
      let new = DownloadTally()
      tallies[key] = new
      return new
    }
  }

  /// Takes what was counted, and drops the tallies that nobody else holds.
  private func take() -> [DownloadKey: Int] {
    tallies.withLock { tallies in
      var counts: [DownloadKey: Int] = [:]
      for key in Array(tallies.keys) {
        guard let count = tallies[key]?.take() else { continue }
        if count > 0 { counts[key] = count }
        if count == 0, isKnownUniquelyReferenced(&tallies[key]) { tallies[key] = nil }
      }
      return counts
    }
  }

  private func putBack(_ counts: [DownloadKey: Int]) {
    tallies.withLock { tallies in
      for (key, count) in counts {
        let tally = tallies[key] ?? DownloadTally()
        tally.add(count)
        tallies[key] = tally
      }
    }
  }

  /// Writes what has come together since the last time, into the buckets of now: a download falls into the hour in which
  /// it is written down.
  package func flush() async {
    let counts = take()
    if counts.isEmpty { return }
    do {
      metrics.count(downloads: try await metadata.addDownloads(counts, now: now()))
    } catch {
      putBack(counts)
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
