import CondaTypes
import Foundation
import Metadata

/// Fills a channel of a stopped deployment with synthetic records, for benchmarks: `make bench-fill`.
///
/// Everything that an upload runs once its bytes are stored runs here as well: the same rows by the same query, the same
/// shards, the same documents. Only the artifacts' files are missing, so their downloads fail.
package struct FillChannel: Sendable {
  /// How long each part took, in seconds.
  package struct Report: Sendable {
    package var records = 0
    package var names = 0
    package var rowSeconds = 0.0
    package var shardSeconds = 0.0
    package var documentSeconds = 0.0
  }

  private let services: Services

  /// - Parameter server: A server that was built and does not run.
  package init(_ server: QuetzServer) { services = server.services }

  /// Fills the channel; makes it, public, if there is none of that name. Records that exist already are left as they are.
  ///
  /// - Parameters:
  ///   - name: The channel.
  ///   - records: How many records, all in `linux-64`.
  ///   - progress: Called now and then with the number of records written.
  package func run(
    channel name: String, records: Int, progress: @escaping @Sendable (Int) -> Void
  ) async throws -> Report {
    let owner = try await uploader()
    let channel: ChannelRow
    if let existing = try await services.metadata.channel(named: name) {
      channel = existing
    } else {
      channel = try await services.channels.create(NewChannel(name: name, isPrivate: false), owner: owner)
    }
    let artifacts = SyntheticArtifacts(records: records)
    var report = Report(records: records, names: artifacts.counts.count)
    let clock = ContinuousClock()
    // What no upload does: the shards are made once, at the end, instead of with every 256 records.
    services.indexer.suspend()
    let rows = try await clock.measure {
      try await writeRows(artifacts, channel: channel, uploaderID: owner, progress)
    }
    services.indexer.resume()
    let shards = try await clock.measure { try await services.indexer.catchUp() }
    let documents = try await clock.measure {
      try await services.documentBuilder.buildNow(channelID: channel.id)
    }
    (report.rowSeconds, report.shardSeconds, report.documentSeconds) = (
      rows / .seconds(1), shards / .seconds(1), documents / .seconds(1)
    )
    return report
  }

  /// Many at a time, so that they share transactions as concurrent uploads do.
  private func writeRows(
    _ artifacts: SyntheticArtifacts, channel: ChannelRow, uploaderID: UUID,
    _ progress: @escaping @Sendable (Int) -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      var started = 0
      try await artifacts.forEach { rank, number in
        if started >= 512 { try await group.next() }
        group.addTask {
          try await write(
            artifacts.item(rank: rank, number: number), channel: channel, uploaderID: uploaderID)
        }
        started += 1
        if started % 50_000 == 0 { progress(started) }
      }
      try await group.waitForAll()
    }
  }

  private func write(_ item: SyntheticArtifacts.Item, channel: ChannelRow, uploaderID: UUID) async throws {
    let row = item.artifact.row(
      file: item.file, channel: channel, uploaderID: uploaderID, now: services.now())
    do {
      _ = try await services.metadata.publishArtifact(row, replacing: false) { times in
        item.artifact.record(file: item.file, times: times)
      }
    } catch  where error.kind.isConflict {}
  }

  private func uploader() async throws -> UUID {
    let name = "bench-fill"
    if let user = try await services.metadata.user(named: name) { return user.id }
    return try await services.metadata.createUser(
      username: name, role: nil, name: name, avatarURL: "", now: services.now()
    ).id
  }
}
