/// The downloads of one artifact, for as long as somebody counts them.
package final class DownloadTally: Sendable {
  let slot: DownloadSlot
  /// Which slot of the journal; `nil` for one in memory of its own, whose counts end with the process.
  let number: Int?
  /// Keeps the slot's memory.
  private let journal: DownloadJournal?

  /// Counts in a slot of a journal.
  init(_ slot: DownloadSlot, number: Int, of journal: DownloadJournal) {
    self.slot = slot
    self.number = number
    self.journal = journal
  }

  /// Counts in memory of its own.
  init(artifact: Int64) {
    slot = .allocate()
    slot.artifact = artifact
    number = nil
    journal = nil
  }

  deinit { if journal == nil { slot.free() } }

  /// Counts one; costs an atomic addition.
  package func add(_ more: Int = 1) { slot.add(more) }
}
