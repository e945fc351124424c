public import Backends

/// The contract of ``BlobStore`` as checks that every backend must pass: on every backend in the tests, and
/// on a live store with `quetz check-storage`.
public enum BackendConformance {
  /// All checks, verb by verb.
  public static let checks: [ConformanceCheck] =
    PutChecks.all + GetChecks.all + InfoChecks.all + DeleteChecks.all + ListChecks.all + KeyChecks.all
    + ConcurrencyChecks.all

  /// Runs checks on a store, one after the other.
  ///
  /// Safe on a store in use: every check works under a key prefix of its own, below `prefix` and a random
  /// name, and its blobs are removed again.
  ///
  /// - Parameters:
  ///   - store: The store to check.
  ///   - checks: Which checks; all of them by default.
  ///   - prefix: What the checks' keys begin with, ending in `/`; at most 100 bytes.
  /// - Returns: One result a check, in order.
  public static func run(
    on store: any BlobStore, checks: [ConformanceCheck] = checks, under prefix: String = "conformance/"
  ) async -> [ConformanceResult] {
    var results: [ConformanceResult] = []
    for check in checks {
      results.append(await run(check, on: store, under: prefix))
    }
    return results
  }

  /// Runs one check on a store and removes its blobs; see ``run(on:checks:under:)``.
  public static func run(
    _ check: ConformanceCheck, on store: any BlobStore, under prefix: String = "conformance/"
  ) async -> ConformanceResult {
    let context = ConformanceContext(
      prefix: prefix + String(UInt64.random(in: 0...UInt64.max), radix: 36) + "/")
    var messages: [String] = []
    let duration = await ContinuousClock().measure {
      do {
        try await check.run(store, context)
      } catch {
        messages.append(String(reflecting: error))
      }
      do {
        try await context.cleanUp(store)
      } catch {
        messages.append("cleaning up failed: \(String(reflecting: error))")
      }
    }
    return ConformanceResult(
      name: check.name, outcome: messages.isEmpty ? .passed : .failed, duration: duration,
      message: messages.isEmpty ? nil : messages.joined(separator: "; "))
  }
}
