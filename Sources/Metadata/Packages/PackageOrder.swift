/// One key of the order in which packages are listed.
public struct PackageOrder: Hashable, Sendable {
  /// What to order by.
  public enum Field: String, CaseIterable, Sendable {
    /// The name, by its bytes.
    case name
    /// The time of the latest change; packages without artifacts are the oldest.
    case latestChange
    /// The current version, in conda's version order; packages without artifacts come before all versions.
    case currentVersion
  }

  /// What to order by.
  public var field: Field
  /// From small to large.
  public var isAscending: Bool

  /// An order by a field.
  public init(_ field: Field, isAscending: Bool) {
    self.field = field
    self.isAscending = isAscending
  }
}
