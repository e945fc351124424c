public import Foundation
internal import GRDB

/// A server that keeps a copy of one of our channels, as it registered itself.
public struct MirrorRow: Hashable, Sendable {
  /// Never used again.
  public var id: UUID
  /// The channel it copies.
  public var channelID: Int64
  /// Where it serves its copy; unique over all channels.
  public var url: String
  /// Where it describes its channel.
  public var apiEndpoint: String
  /// Where it tells its download counts.
  public var metricsEndpoint: String
  /// When it was registered.
  public var createdAt: Date

  /// All fields, in order.
  public init(
    id: UUID, channelID: Int64, url: String, apiEndpoint: String, metricsEndpoint: String, createdAt: Date
  ) {
    self.id = id
    self.channelID = channelID
    self.url = url
    self.apiEndpoint = apiEndpoint
    self.metricsEndpoint = metricsEndpoint
    self.createdAt = createdAt
  }
}

extension MirrorRow {
  init(row: Row) throws {
    self.init(
      id: try row.value("id"), channelID: try row.value("channelID"), url: try row.value("url"),
      apiEndpoint: try row.value("apiEndpoint"), metricsEndpoint: try row.value("metricsEndpoint"),
      createdAt: try row.time("createdAt"))
  }
}
