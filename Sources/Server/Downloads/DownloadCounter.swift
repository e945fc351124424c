package import Foundation
import Locks
package import Logging
package import Metadata
import ServiceLifecycle

/// Counts downloads in a journal and adds them to the database in batches; never on a request's path.
///
/// Every download that was counted gets into the database once, also when the process is killed (`DownloadJournal`).
package final class DownloadCounter: Service {
  private struct State {
    /// Which counts of the journal are in the database.
    var generation = 0
    /// Whether the last attempt failed in a way that may have been a success.
    var isInDoubt = false
    /// The last write that was asked for.
    var turn: Task<Void, Never>?
  }

  private let metadata: MetadataStore
  private let metrics: PackageMetrics
  private let now: @Sendable () -> Date
  private let logger: Logger
  private let interval: Duration
  private let journal: DownloadJournal
  private let tallies: DownloadTallies
  private let state = Guarded(State())

  /// - Parameter journal: A new one, which the database's mark names.
  package init(
    journal: DownloadJournal, metadata: MetadataStore, metrics: PackageMetrics,
    now: @escaping @Sendable () -> Date, logger: Logger, interval: Duration = .seconds(10)
  ) {
    self.journal = journal
    self.metadata = metadata
    self.metrics = metrics
    self.now = now
    self.logger = logger
    self.interval = interval
    tallies = DownloadTallies(journal: journal)
  }

  /// Counts one download.
  func count(artifact: Int64) { tally(of: artifact).add() }

  /// Where an artifact's downloads are counted; whoever sends it over and over keeps this.
  ///
  /// - Parameter artifact: `ResolvedArtifact.key`.
  package func tally(of artifact: Int64) -> DownloadTally {
    let (tally, isFirstLoose) = tallies.tally(of: artifact)
    // The journal is full. Writing makes slots free again; until then counts end with the process.
    if isFirstLoose { takeTurn() }
    return tally
  }

  /// Writes what has come together since the last time, into the buckets of now: a download falls into the hour in which
  /// it is written down.
  package func flush() async { await takeTurn().value }

  /// One write after the other, each one to its end: whoever waits for it may be cancelled, it is not.
  @discardableResult
  private func takeTurn() -> Task<Void, Never> {
    state.withLock { state in
      let before = state.turn
      let turn = Task {
        await before?.value
        await self.write()
      }
      state.turn = turn
      return turn
    }
  }

  private func write() async {
    do {
      let generation = try await writtenGeneration()
      let loose = tallies.looseTallies
      let counts = journal.take(generation + 1, with: loose.map(\.slot))
      withExtendedLifetime(loose) {}
      if counts.isEmpty { return tallies.drop(with: generation) }
      let step = DownloadMark.Step(from: mark(generation), to: mark(generation + 1))
      state.withLock { $0.isInDoubt = true }
      let counted = try await metadata.addDownloads(counts, step: step, now: now())
      state.withLock { state in
        state.generation = generation + 1
        state.isInDoubt = false
      }
      tallies.drop(with: generation + 1)
      metrics.count(downloads: counted)
    } catch {
      logger.warning(
        "download counts were not written; they are kept for the next time",
        metadata: ["error.cause": "\(String(reflecting: error))"])
    }
  }

  /// The generation that is in the database. A commit that failed may have come through; the mark knows.
  private func writtenGeneration() async throws -> Int {
    let (generation, isInDoubt) = state.withLock { ($0.generation, $0.isInDoubt) }
    guard isInDoubt else { return generation }
    let isWritten = try await metadata.downloadMark() == mark(generation + 1)
    return state.withLock { state in
      state.isInDoubt = false
      state.generation = isWritten ? generation + 1 : generation
      return state.generation
    }
  }

  private func mark(_ generation: Int) -> DownloadMark {
    DownloadMark(journal: journal.name, generation: generation)
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
