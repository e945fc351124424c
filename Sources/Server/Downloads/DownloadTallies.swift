import Locks

/// The tallies that are in use, by artifact: in slots of a journal while there are some, else in memory of their own.
final class DownloadTallies: Sendable {
  private struct State {
    var known: [Int64: DownloadTally] = [:]
    /// Slots that were used and are level.
    var free: [Int] = []
    /// Tallies without a slot of the journal.
    var loose = 0
  }

  private let journal: DownloadJournal
  private let state = Guarded(State())

  init(journal: DownloadJournal) { self.journal = journal }

  /// Where an artifact's downloads are counted.
  ///
  /// - Returns: `isFirstLoose` says that the journal has just become full.
  func tally(of artifact: Int64) -> (tally: DownloadTally, isFirstLoose: Bool) {
    state.withLock { state in
      if let known = state.known[artifact] { return (known, false) }
      let tally = makeTally(of: artifact, &state)
      state.known[artifact] = tally
      return (tally, tally.number == nil && state.loose == 1)
    }
  }

  private func makeTally(of artifact: Int64, _ state: inout State) -> DownloadTally {
    guard let number = state.free.popLast() ?? journal.nextSlot() else {
      state.loose += 1
      return DownloadTally(artifact: artifact)
    }
    let slot = journal.slot(number)
    slot.artifact = artifact
    return DownloadTally(slot, number: number, of: journal)
  }

  /// Those whose slots the journal does not have.
  var looseTallies: [DownloadTally] {
    state.withLock { state in
      state.loose == 0 ? [] : state.known.values.filter { $0.number == nil }
    }
  }

  /// Drops the tallies that nobody else holds and whose counts are all written, once there are many.
  ///
  /// - Parameter generation: What is in the database. Nobody takes meanwhile.
  func drop(with generation: Int) {
    state.withLock { state in
      guard state.loose > 0 || state.known.count > journal.capacity / 2 else { return }
      for artifact in Array(state.known.keys) {
        guard isKnownUniquelyReferenced(&state.known[artifact]), let tally = state.known[artifact],
          tally.slot.isLevel(with: generation)
        else { continue }
        state.known[artifact] = nil
        guard let number = tally.number else {
          state.loose -= 1
          continue
        }
        tally.slot.settle(in: generation)
        state.free.append(number)
      }
    }
  }
}
