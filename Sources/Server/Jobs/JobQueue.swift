package import Foundation
package import Metadata

/// Where jobs are put that a runner takes up.
///
/// A job is a row, so none is lost; `pokes` only say that it is worth looking now. How many may wait is limited, for a user
/// and for a channel: one runner does them one after the other, and rows take room.
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

  /// How many jobs may wait or run: owners and maintainers of the server look after all channels.
  package static func limits(for user: SignedInUser) -> JobLimits {
    JobLimits(perOwner: user.isElevated ? 1000 : 100, perChannel: 100)
  }

  /// Asks whether there is room for the jobs of actions on a channel that is yet to be made.
  ///
  /// - Throws: 429 if not.
  package func requireRoom(for actions: [ChannelAction], _ user: SignedInUser) async throws {
    let count = actions.reduce(0) { $0 + $1.manifests.count }
    if count == 0 { return }
    try await metadata.requireRoom(forJobs: count, of: user.owner.id, within: Self.limits(for: user))
  }

  /// Queues the jobs of an action, all or none; while the same one waits for the same user, that one is returned instead.
  ///
  /// - Returns: The last of them.
  /// - Throws: 429 if the user or the channel has too many.
  package func request(
    _ action: ChannelAction, on channel: ChannelRow, by user: SignedInUser, _ schedule: Schedule = Schedule()
  ) async throws -> JobRow? {
    try await queue(
      action.manifests.map { job($0, on: channel, items: nil, owner: user.owner.id, schedule) }, by: user
    ).last
  }

  /// Queues one job about every channel that has what `items` names.
  ///
  /// - Parameter items: Which packages it is about, as asked for.
  /// - Throws: 429 if the user has too many.
  package func request(
    _ manifest: JobManifest, items: String, by user: SignedInUser, _ schedule: Schedule
  ) async throws -> JobRow? {
    try await queue([job(manifest, on: nil, items: items, owner: user.owner.id, schedule)], by: user).last
  }

  private func queue(_ jobs: [NewJob], by user: SignedInUser) async throws -> [JobRow] {
    let rows = try await metadata.enqueueJobs(jobs, limits: Self.limits(for: user), now: now())
    poke()
    return rows
  }

  private func job(
    _ manifest: JobManifest, on channel: ChannelRow?, items: String?, owner: UUID, _ schedule: Schedule
  ) -> NewJob {
    let time = now()
    let start = schedule.startAt.map { String($0.timeIntervalSince1970) } ?? "now"
    let key = [
      channel.map { String($0.id) } ?? "*", items ?? "", owner.uuidString, start,
      schedule.repeatSeconds.map(String.init) ?? "once",
    ].joined(separator: "\n")
    return NewJob(
      name: manifest.rawValue, deduplicationKey: key, runAt: max(schedule.startAt ?? time, time),
      ownerID: owner, channelID: channel?.id, itemsSpec: items, startAt: schedule.startAt,
      repeatSeconds: schedule.repeatSeconds)
  }

  /// Says that a job may be due.
  package func poke() { poked.yield() }
}
