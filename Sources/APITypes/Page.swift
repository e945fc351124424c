/// One page of a longer list: upstream's `Paginated[T]`.
public struct Page<Item: Codable & Sendable>: Codable, Sendable {
  /// Which part of the list this is.
  public struct Position: Codable, Sendable, Hashable {
    /// How many items come before this page.
    public var skip: Int
    /// The most items a page may hold, as asked for.
    public var limit: Int
    /// How many items the whole list has.
    public var allRecordsCount: Int

    /// Makes the position from its three fields.
    public init(skip: Int, limit: Int, allRecordsCount: Int) {
      self.skip = skip
      self.limit = limit
      self.allRecordsCount = allRecordsCount
    }

    enum CodingKeys: String, CodingKey {
      case skip, limit
      case allRecordsCount = "all_records_count"
    }
  }

  /// Where in the list the page lies.
  public var pagination: Position
  /// The page's items.
  public var result: [Item]

  /// Makes the page from its two fields.
  public init(pagination: Position, result: [Item]) {
    self.pagination = pagination
    self.result = result
  }
}
