public import Backends

/// One promise of ``BlobStore``, executable.
public struct ConformanceCheck: Sendable {
  /// Verb and subject, e.g. `get.rangePastTheEnd`; unique and stable.
  public let name: String
  /// The promise in a sentence.
  public let promise: String
  /// Puts the promise to the test; throws a ``ConformanceFailure`` if it is broken, or what the store throws.
  ///
  /// Touches only keys that the context made, and leaves cleaning up to ``BackendConformance``.
  public let run: @Sendable (any BlobStore, ConformanceContext) async throws -> Void

  /// A check called `name` of what `promise` says.
  public init(
    _ name: String, _ promise: String,
    run: @escaping @Sendable (any BlobStore, ConformanceContext) async throws -> Void
  ) {
    self.name = name
    self.promise = promise
    self.run = run
  }
}
