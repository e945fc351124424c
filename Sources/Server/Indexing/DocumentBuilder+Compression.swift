import Locks
import Logging
import Metadata
import ServiceLifecycle

/// What was compressed for speed is compressed better once nothing changes any more, in any channel.
extension DocumentBuilder {
  /// What an earlier process compressed for speed is compressed better by this one.
  func noteEarlierDocuments() async {
    do {
      try await recompression.noteAll()
    } catch {
      logger.warning(
        "large documents stay as they are until they change",
        metadata: ["error.cause": "\(String(reflecting: error))"])
    }
  }

  /// Compresses large documents better if nothing changed for long; else sees to it that it is looked at again then.
  func compressWhenIdle() async {
    guard recompression.hasWork else { return }
    let lastChange = lastPoke.withLock { $0 }
    guard lastChange + configuration.idleTime <= .now else {
      return lookAgain(at: lastChange + configuration.idleTime)
    }
    let isStopping = Guarded(false)
    let isWanted: @Sendable () -> Bool = { [self] in
      lastPoke.withLock { $0 } == lastChange && !isStopping.withLock { $0 }
    }
    await withTaskCancellationOrGracefulShutdownHandler {
      while let candidate = recompression.next() {
        do {
          let outcome = try await compress(candidate, isWanted: isWanted)
          if outcome == .refused || !isWanted() { return recompression.note(candidate) }
        } catch {
          logger.warning(
            "repodata could not be compressed better; it stays as it is",
            metadata: ["error.cause": "\(String(reflecting: error))"])
        }
      }
    } onCancelOrGracefulShutdown: {
      isStopping.withLock { $0 = true }
    }
  }

  /// One timer at a time: changes come often, and each moves the moment.
  private func lookAgain(at time: ContinuousClock.Instant) {
    let timer = Task { [poked] in
      do { try await Task.sleep(until: time, clock: .continuous) } catch { return }
      poked.yield()
    }
    idleTimer.withLock { former in
      former?.cancel()
      former = timer
    }
  }

  /// Compresses what of a subdir's documents is not yet at the configured level, as long as that is wanted; says whether there
  /// was anything.
  package func recompress(
    channelID: Int64, subdir: String, isWanted: @escaping @Sendable () -> Bool = { true }
  ) async throws -> Bool {
    try await compress(.init(channelID: channelID, subdir: subdir), isWanted: isWanted) == .done
  }

  private enum Outcome {
    case done
    /// There was nothing to do, or the documents are others by now.
    case needless
    /// Somebody else makes documents of the channel, perhaps not these. When that ends, it is looked at again.
    case refused
  }

  private func compress(
    _ candidate: SubdirKey, isWanted: @escaping @Sendable () -> Bool
  ) async throws -> Outcome {
    guard let made = try await recompression.make(candidate, isWanted: isWanted),
      let channel = try await metadata.channel(id: candidate.channelID)
    else { return .needless }
    let outcome = try await turns.runIfFree(candidate.channelID) { () -> Outcome in
      // Others that are there by now have been noted by whoever made them.
      guard try await recompression.layout(of: candidate) == made.former else { return .needless }
      try await commit(
        made.rows, of: channel, subdir: candidate.subdir,
        basis: DocumentBasis(generation: made.layout.generation, layout: made.layout.stored()))
      return .done
    }
    return outcome ?? .refused
  }
}
