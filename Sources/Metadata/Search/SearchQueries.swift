internal import GRDB

/// A package that a search found, and the channel it is in.
public struct FoundPackage: Hashable, Sendable {
  /// The package.
  public var package: PackageRow
  /// Its channel's name.
  public var channelName: String

  /// All fields, in order.
  public init(package: PackageRow, channelName: String) {
    self.package = package
    self.channelName = channelName
  }
}

extension MetadataStore {
  /// The packages that match every filter, in channels that may be shown, sorted by name and then by channel.
  ///
  /// Parts of names and summaries with three characters and more are found through an index; shorter ones and
  /// descriptions by looking at every package.
  public func searchPackages(
    _ filters: [SearchFilter], visibleTo visibility: ChannelVisibility
  ) async throws(MetadataError) -> [FoundPackage] {
    let query = SearchQuery(filters, over: .packages, visibleTo: visibility)
    return try await read { db in
      try Row.fetchAll(db, sql: query.sql, arguments: query.arguments).map { row in
        FoundPackage(package: try PackageRow(row: row), channelName: try row.value("channelName"))
      }
    }
  }

  /// The channels that match every filter and may be shown, sorted by name.
  ///
  /// - Parameter isPrivate: Only private or only public ones; nil is both.
  public func searchChannels(
    _ filters: [SearchFilter], isPrivate: Bool?, visibleTo visibility: ChannelVisibility
  ) async throws(MetadataError) -> [ChannelRow] {
    let query = SearchQuery(filters, over: .channels, isPrivate: isPrivate, visibleTo: visibility)
    return try await read { db in
      try Row.fetchAll(db, sql: query.sql, arguments: query.arguments).map(ChannelRow.init(row:))
    }
  }
}
