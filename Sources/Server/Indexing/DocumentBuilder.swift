import Backends
import CondaTypes
import Foundation
import Locks
import Logging
import Metadata
import ServiceLifecycle

/// Rebuilds the whole-subdir and whole-channel documents after changes, debounced, off the request path.
///
/// What is behind is a fact in the database (a subdir's generation), so nothing is forgotten by a crash; `poke` only says
/// that it is worth looking now. All documents of one state are committed together: readers get all of the old or all of
/// the new. Of a large subdir that is what can be spliced (`SplicedBundle`); what takes longer (`LateDocuments`) is made
/// beside further changes, and while they go on less often.
package final class DocumentBuilder: Service {
  let metadata: MetadataStore
  private let store: DocumentStore
  private let indexer: ShardIndexer
  let configuration: IndexConfiguration
  private let freshness: Freshness
  let logger: Logger
  private let indexFiles: IndexFiles
  let recompression: RepodataRecompression
  let commit: DocumentCommit
  private let late: LateDocuments
  private let pokes: AsyncStream<Void>
  let poked: AsyncStream<Void>.Continuation
  let lastPoke = Guarded(ContinuousClock.now)
  /// Sees to it that documents are compressed better once it was quiet for long.
  let idleTimer = Guarded<Task<Void, Never>?>(nil)
  private let lost = Guarded<Set<Int64>>([])
  /// A channel's documents are made by one at a time: who began earlier must not have the last word.
  let turns = KeyTurns<Int64>()

  init(
    metadata: MetadataStore, store: DocumentStore, readCache: ReadCache, indexer: ShardIndexer,
    freshIndexes: FreshIndexes, configuration: IndexConfiguration, freshness: Freshness, logger: Logger
  ) {
    self.metadata = metadata
    self.store = store
    self.indexer = indexer
    self.configuration = configuration
    self.freshness = freshness
    self.logger = logger
    let superseded = SupersededDocuments(metadata: metadata, blobs: store.blobs)
    indexFiles = IndexFiles(
      metadata: metadata, blobs: store.blobs, fresh: freshIndexes, superseded: superseded, now: store.now)
    recompression = RepodataRecompression(
      metadata: metadata, store: store, level: configuration.zstdLevel)
    commit = DocumentCommit(
      metadata: metadata, readCache: readCache, superseded: superseded, now: store.now)
    late = LateDocuments(metadata: metadata, store: store, commit: commit)
    (pokes, poked) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Says that a channel changed.
  package func poke(channelID: Int64) {
    lastPoke.withLock { $0 = .now }
    poked.yield()
  }

  /// Says that a channel's files are missing from the disk, or were damaged: everything derived is made again.
  package func rebuildAll(channelID: Int64) {
    if lost.withLock({ $0.insert(channelID).inserted }) { poke(channelID: channelID) }
  }

  package func run() async throws {
    poked.yield()  // whatever an earlier process left behind
    await noteEarlierDocuments()
    await withDiscardingTaskGroup { group in
      for await _ in pokes.cancelOnGracefulShutdown() {
        await waitForQuiet()
        let isDone = await reportingFailure {
          for work in try await buildPending() { group.addTask { await self.makeLate(work) } }
        }
        if !isDone { await retryLater() }
        await compressWhenIdle()
      }
      group.cancelAll()
    }
    idleTimer.withLock { $0?.cancel() }
  }

  /// After a failure (a full disk, say): looks again in a while, also if nothing changes meanwhile.
  private func retryLater() async {
    do { try await Task.sleep(for: .seconds(5)) } catch { return }
    poked.yield()
  }

  /// Waits until no change came for the debounce time, at most for the maximal delay.
  private func waitForQuiet() async {
    let deadline = ContinuousClock.now + configuration.maxDelay
    while true {
      let quietAt = lastPoke.withLock { $0 } + configuration.debounce
      let target = min(quietAt, deadline)
      if target <= .now { return }
      do { try await Task.sleep(until: target, clock: .continuous) } catch { return }
    }
  }

  /// Documents of a channel that are yet to be made.
  private struct LateWork: Sendable {
    let channel: ChannelRow
    let subdirs: [LateDocuments.Subdir]
  }

  /// Builds what is behind; gives what takes longer.
  private func buildPending() async throws -> [LateWork] {
    try await indexFiles.write()
    try await markLostChannels()
    try await indexer.catchUp()
    let stale = try await metadata.staleSubdirs()
    var late: [LateWork] = []
    for channelID in Set(stale.map(\.channelID)).sorted() {
      // A channel deleted meanwhile has nothing to build.
      do {
        // Other channels do not wait for one that a job is busy with: when it is done, it says that there is more to see.
        let work = try await turns.runIfFree(channelID) {
          try await build(channelID: channelID, isHurried: true)
        }
        if let work = work ?? nil { late.append(work) }
      } catch let error as MetadataError where error.kind == .notFound {}
    }
    return late
  }

  /// Makes what takes longer, beside whatever else is built, and looks again then: changes may have come meanwhile.
  private func makeLate(_ work: LateWork) async {
    var isMade = false
    let isDone = await reportingFailure {
      do {
        isMade = try await late.makeIfFree(work.subdirs, of: work.channel)
      } catch let error as MetadataError where error.kind == .notFound {}
    }
    if !isDone { await retryLater() } else if isMade { poked.yield() }
  }

  /// Says whether it worked; a failure is reported.
  private func reportingFailure(_ body: () async throws -> Void) async -> Bool {
    do {
      try await body()
      return true
    } catch is CancellationError {
      return true  // the server is stopping; what is behind is known to the database
    } catch let error as MetadataError where error.kind == .cancelled {
      return true
    } catch {
      logger.error(
        "building documents failed; trying again soon",
        metadata: ["error.cause": "\(String(reflecting: error))"])
      return false
    }
  }

  /// Writes the shard indexes that are in memory only, because the server ends. Those that cannot be written the next start
  /// makes again.
  func finish() async {
    // Not cancelled with whoever waits for it: reads would be refused.
    await Task { [self] in
      do {
        try await indexFiles.write()
      } catch {
        logger.warning(
          "shard indexes could not be written; the next start makes them again",
          metadata: ["error.cause": "\(String(reflecting: error))"])
      }
    }.value
  }

  /// Builds and commits everything of a channel that is behind, and writes its shard indexes.
  ///
  /// Each subdir's documents are served as soon as they are there. The subdirs' generations are committed last: a crash
  /// before leaves them behind, so that all is done again.
  package func buildNow(channelID: Int64) async throws {
    // What changed meanwhile, the background may have left to this.
    defer { poked.yield() }
    _ = try await turns.run(channelID) { try await build(channelID: channelID, isHurried: false) }
  }

  /// - Parameter isHurried: Whether what takes longer is left to the caller, or, while changes go on, to the next time.
  private func build(channelID: Int64, isHurried: Bool) async throws -> LateWork? {
    guard let channel = try await metadata.channel(id: channelID) else { return nil }
    try await indexFiles.write(channelID: channelID)
    let start = ContinuousClock.now
    let stale = try await metadata.staleSubdirs().filter { $0.channelID == channelID }
    if stale.isEmpty { return nil }
    var built: [LateDocuments.Subdir] = []
    for state in stale { built.append(try await build(state, of: channel)) }
    if isHurried, built.contains(where: \.isLarge) {
      // If another change came meanwhile, another turn will come.
      let isQuiet = lastPoke.withLock { $0 } <= start
      return isQuiet || late.areDue(channelID: channelID) ? LateWork(channel: channel, subdirs: built) : nil
    }
    try await late.make(built, of: channel)
    return nil
  }

  /// Builds and commits the documents of a subdir that show one state together.
  private func build(_ state: SubdirState, of channel: ChannelRow) async throws -> LateDocuments.Subdir {
    let documents = SubdirDocuments(
      metadata: metadata, store: store, channel: channel, subdir: state.subdir, configuration: configuration)
    let shown = try await metadata.layoutGeneration(channelID: channel.id, subdir: state.subdir)
    if let shown, shown >= state.generation {
      // Only what takes longer is behind.
      return .init(documents: documents, generation: shown, isLarge: true)
    }
    let uploads = freshness.takeWaiting(channelID: channel.id, subdir: state.subdir)
    let made = try await documents.make()
    try await commit(
      made.rows, removing: made.removedPaths, of: channel, subdir: state.subdir, basis: made.basis())
    freshness.reachedRepodata(channelID: channel.id, uploads)
    if made.layout?.isBelow(level: configuration.zstdLevel) == true {
      recompression.note(.init(channelID: channel.id, subdir: state.subdir))
    }
    return .init(documents: documents, generation: made.generation, isLarge: made.layout != nil)
  }

  private func markLostChannels() async throws {
    let channels = lost.withLock { lost in
      let channels = lost
      lost = []
      return channels
    }
    for channelID in channels {
      logger.warning(
        "derived files are missing or damaged; making them again", metadata: ["channel.id": "\(channelID)"])
      for subdir in try await metadata.subdirs(channelID: channelID) {
        try await indexer.remake(channelID: channelID, subdir: subdir)
      }
    }
  }
}
