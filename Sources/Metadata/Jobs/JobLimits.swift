public import Foundation
internal import GRDB

/// How many jobs that somebody asked for may wait or run at the same time.
public struct JobLimits: Hashable, Sendable {
  /// Of one user.
  public var perOwner: Int
  /// About one channel, whoever asked.
  public var perChannel: Int

  /// Both limits.
  public init(perOwner: Int, perChannel: Int) {
    self.perOwner = perOwner
    self.perChannel = perChannel
  }

  /// How many jobs of a user that ended are kept, and how many attempts at a job: who asks over and over fills no disk.
  static let kept = 1000
}

extension MetadataStore {
  /// Asks whether a user may queue more jobs.
  ///
  /// - Throws: `.tooManyJobs` if not.
  public func requireRoom(
    forJobs count: Int, of owner: UUID, within limits: JobLimits
  ) async throws(MetadataError) {
    try await read { db in try db.requireRoom(for: count, owner: owner, channelID: nil, limits) }
  }
}

extension Database {
  /// - Throws: `.tooManyJobs` if so many more would go over a limit.
  func requireRoom(for count: Int, owner: UUID?, channelID: Int64?, _ limits: JobLimits) throws {
    if let owner {
      let open = try one(OpenJobs.ofOwner, [owner]) { row in try row.decode(Int.self, atIndex: 0) } ?? 0
      guard open + count <= limits.perOwner else {
        throw MetadataError(
          .tooManyJobs(limit: limits.perOwner, isChannels: false), "the user has too many jobs that wait")
      }
    }
    if let channelID {
      let open = try one(OpenJobs.ofChannel, [channelID]) { row in try row.decode(Int.self, atIndex: 0) } ?? 0
      guard open + count <= limits.perChannel else {
        throw MetadataError(
          .tooManyJobs(limit: limits.perChannel, isChannels: true), "the channel has too many jobs that wait")
      }
    }
  }

  /// Forgets the oldest jobs of a user that ended, beyond those that are kept.
  func forgetEndedJobs(of owner: UUID) throws {
    try run(OpenJobs.forgetEnded, ["owner": owner, "kept": JobLimits.kept])
  }

  /// Forgets the oldest attempts at a job, likewise.
  func forgetTasks(jobID: Int64) throws {
    try run(OpenJobs.forgetTasks, ["job": jobID, "kept": JobLimits.kept])
  }
}

/// The queries, in SQL.
enum OpenJobs {
  static let ofOwner = "SELECT count(*) FROM job WHERE ownerID = ? AND state IN ('waiting', 'running')"

  static let ofChannel = """
    SELECT count(*) FROM job
    WHERE channelID = ? AND ownerID IS NOT NULL AND state IN ('waiting', 'running')
    """

  static let forgetEnded = """
    DELETE FROM job WHERE ownerID = :owner AND state IN ('succeeded', 'failed', 'cancelled') AND id <= (
      SELECT id FROM job WHERE ownerID = :owner AND state IN ('succeeded', 'failed', 'cancelled')
      ORDER BY id DESC LIMIT 1 OFFSET :kept)
    """

  static let forgetTasks = """
    DELETE FROM task WHERE jobID = :job AND id <= (
      SELECT id FROM task WHERE jobID = :job ORDER BY id DESC LIMIT 1 OFFSET :kept)
    """
}
