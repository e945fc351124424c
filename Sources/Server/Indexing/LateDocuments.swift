import Locks
import Metadata

/// What of a channel's documents takes longer and comes behind: of large subdirs the current subset and the page, and what
/// shows the whole channel.
///
/// Made one at a time for each channel, of the state there is then: the last ones made show the latest.
final class LateDocuments: Sendable {
  /// A subdir whose other documents were made.
  struct Subdir: Sendable {
    let documents: SubdirDocuments
    /// The state that those show.
    let generation: Int64
    /// Whether some of its documents come late.
    let isLarge: Bool
  }

  /// For how long, while changes go on, they may stay behind.
  private static let patience = Duration.seconds(20)

  private let metadata: MetadataStore
  private let store: DocumentStore
  private let commit: DocumentCommit
  private let turns = KeyTurns<Int64>()
  private let last = Guarded<[Int64: ContinuousClock.Instant]>([:])

  init(metadata: MetadataStore, store: DocumentStore, commit: DocumentCommit) {
    self.metadata = metadata
    self.store = store
    self.commit = commit
  }

  /// Whether those of a channel have waited for long enough, although changes go on.
  func areDue(channelID: Int64) -> Bool {
    last.withLock { last in
      guard let time = last[channelID] else {
        last[channelID] = .now
        return false
      }
      return time + Self.patience <= .now
    }
  }

  /// Makes them, after those that are being made.
  func make(_ subdirs: [Subdir], of channel: ChannelRow) async throws {
    try await turns.run(channel.id) { try await makeInTurn(subdirs, of: channel) }
  }

  /// Makes them unless some of the channel are being made; says whether it did.
  func makeIfFree(_ subdirs: [Subdir], of channel: ChannelRow) async throws -> Bool {
    try await turns.runIfFree(channel.id) { try await makeInTurn(subdirs, of: channel) } != nil
  }

  private func makeInTurn(_ subdirs: [Subdir], of channel: ChannelRow) async throws {
    for subdir in subdirs where subdir.isLarge {
      try await commit(subdir.documents.makeRest(), of: channel, subdir: subdir.documents.subdir)
    }
    let rows =
      try await ChannelDocuments(metadata: metadata, store: store, channel: channel).make()
      + ChannelNews(metadata: metadata, store: store, channel: channel).make()
    try await commit(rows, of: channel, subdir: nil)
    for subdir in subdirs {
      try await metadata.commitDocuments(
        channelID: channel.id, subdir: subdir.documents.subdir, documents: [], generation: subdir.generation,
        now: store.now())
    }
    last.withLock { $0[channel.id] = .now }
  }
}
