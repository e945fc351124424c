/// What came of one check on one store.
public struct ConformanceResult: Sendable {
  /// Whether the store kept the promise.
  public enum Outcome: Hashable, Sendable {
    /// It did.
    case passed
    /// It did not, or the check could not be carried out.
    case failed
  }

  /// The check's name, e.g. `get.rangePastTheEnd`.
  public let name: String
  /// Whether the store kept the promise.
  public let outcome: Outcome
  /// How long the check took, cleaning up included.
  public let duration: Duration
  /// What was expected and found instead; `nil` if the check passed.
  public let message: String?
}

/// A broken promise: what was expected and what was found.
public struct ConformanceFailure: Error, CustomStringConvertible {
  /// What was expected and what was found.
  public let description: String

  /// A failure that says `description`.
  public init(_ description: String) {
    self.description = description
  }
}
