package import Foundation
package import Metadata

/// Where jobs are put that a runner takes up.
///
/// A job is a row, so none is lost; `pokes` only say that it is worth looking now.
package final class JobQueue: Sendable {
  let metadata: MetadataStore
  private let now: @Sendable () -> Date
  /// For the one runner: a task that is cancelled while it waits for the next one ends them.
  let pokes: AsyncStream<Void>
  private let poked: AsyncStream<Void>.Continuation

  package init(metadata: MetadataStore, now: @escaping @Sendable () -> Date) {
    self.metadata = metadata
    self.now = now
    (pokes, poked) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// When and how often.
  package struct Schedule: Hashable, Sendable {
    package var startAt: Date?
    package var repeatSeconds: Int64?

    package init(startAt: Date? = nil, repeatSeconds: Int64? = nil) {
      self.startAt = startAt
      self.repeatSeconds = repeatSeconds
    }
  }

  /// Queues the jobs of an action; while the same one waits for the same user, that one is returned instead.
  ///
  /// - Returns: The last of them.
  package func request(
    _ action: ChannelAction, on channel: ChannelRow, owner: UUID, _ schedule: Schedule = Schedule()
  ) async throws -> JobRow? {
    var last: JobRow?
    for manifest in action.manifests {
      last = try await request(manifest, on: channel, items: nil, owner: owner, schedule)
    }
    return last
  }

  /// Queues one job.
  ///
  /// - Parameters:
  ///   - channel: The channel it is about; nil is every channel that has what `items` names.
  ///   - items: Which packages it is about, as asked for.
  package func request(
    _ manifest: JobManifest, on channel: ChannelRow?, items: String?, owner: UUID, _ schedule: Schedule
  ) async throws -> JobRow {
    let time = now()
    let start = schedule.startAt.map { String($0.timeIntervalSince1970) } ?? "now"
    let key = [
      channel.map { String($0.id) } ?? "*", items ?? "", owner.uuidString, start,
      schedule.repeatSeconds.map(String.init) ?? "once",
    ].joined(separator: "\n")
    let job = try await metadata.enqueueJob(
      NewJob(
        name: manifest.rawValue, deduplicationKey: key, runAt: max(schedule.startAt ?? time, time),
        ownerID: owner, channelID: channel?.id, itemsSpec: items, startAt: schedule.startAt,
        repeatSeconds: schedule.repeatSeconds), now: time)
    poke()
    return job
  }

  /// Says that a job may be due.
  package func poke() { poked.yield() }
}
