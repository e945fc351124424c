/// One condition of a search; a search's conditions hold together.
public struct SearchFilter: Hashable, Sendable {
  /// What is looked at.
  public enum Field: String, CaseIterable, Sendable {
    /// The name of what is searched.
    case name
    /// The channel's name; for packages.
    case channel
    /// The description.
    case description
    /// The summary; for packages.
    case summary
    /// The subdirs that the package has artifacts in; for packages.
    case platform
  }

  /// What is looked at.
  public var field: Field
  /// Parts of the field's text, in any case, taken literally; one of them is enough.
  public var parts: [String]
  /// Whether none of the parts may be there.
  public var isNegated: Bool

  /// All fields, in order.
  public init(_ field: Field, _ parts: [String], isNegated: Bool = false) {
    self.field = field
    self.parts = parts
    self.isNegated = isNegated
  }
}
