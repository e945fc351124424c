package import Backends
import Locks

/// A store that runs hooks before and after each verb of another store: for staging races and failures.
///
/// A hook that throws makes the verb throw: before it, nothing has happened; after it, everything has, and
/// the caller does not know. A hook that waits holds the verb up, so that a test can put something in between
/// without sleeping.
package final class HookedStore: BlobStore {
  /// What a store is asked for.
  package enum Verb: Hashable, Sendable {
    case put, get, info, delete, list
  }

  /// Runs at a moment of a verb; `subject` is the key, or for `list` the prefix.
  package typealias Hook = @Sendable (_ subject: String) async throws(BlobStoreError) -> Void

  private struct Hooks {
    var before: [Verb: Hook] = [:]
    var after: [Verb: Hook] = [:]
  }

  private let base: any BlobStore
  private let hooks = Guarded(Hooks())

  /// A store that does what `base` does until hooks are set.
  package init(_ base: any BlobStore) {
    self.base = base
  }

  /// Sets what runs before each later call of a verb; `nil` for nothing.
  package func before(_ verb: Verb, _ hook: Hook?) {
    hooks.withLock { $0.before[verb] = hook }
  }

  /// Sets what runs after each later successful call of a verb (for `list`: at its end); `nil` for nothing.
  package func after(_ verb: Verb, _ hook: Hook?) {
    hooks.withLock { $0.after[verb] = hook }
  }

  package func put(_ body: BlobBody, at key: BlobKey) async throws(BlobStoreError) {
    try await runBefore(.put, key.value)
    try await base.put(body, at: key)
    try await runAfter(.put, key.value)
  }

  package func get(_ key: BlobKey, range: Range<Int64>?) async throws(BlobStoreError) -> BlobReader {
    try await runBefore(.get, key.value)
    let reader = try await base.get(key, range: range)
    try await runAfter(.get, key.value)
    return reader
  }

  package func info(_ key: BlobKey) async throws(BlobStoreError) -> BlobInfo {
    try await runBefore(.info, key.value)
    let info = try await base.info(key)
    try await runAfter(.info, key.value)
    return info
  }

  package func delete(_ key: BlobKey) async throws(BlobStoreError) {
    try await runBefore(.delete, key.value)
    try await base.delete(key)
    try await runAfter(.delete, key.value)
  }

  package func list(prefix: String) -> BlobListing {
    BlobListing(HookedListing(store: self, listing: base.list(prefix: prefix), prefix: prefix))
  }

  fileprivate func runBefore(_ verb: Verb, _ subject: String) async throws(BlobStoreError) {
    try await hooks.withLock { $0.before[verb] }?(subject)
  }

  fileprivate func runAfter(_ verb: Verb, _ subject: String) async throws(BlobStoreError) {
    try await hooks.withLock { $0.after[verb] }?(subject)
  }
}

/// A listing with a hook before its first element and one at its end.
private struct HookedListing: AsyncSequence, Sendable {
  typealias Element = BlobInfo
  typealias Failure = BlobStoreError

  let store: HookedStore
  let listing: BlobListing
  let prefix: String

  struct AsyncIterator: AsyncIteratorProtocol {
    let store: HookedStore
    let prefix: String
    var base: BlobListing.AsyncIterator
    var hasBegun = false

    mutating func next(isolation actor: isolated (any Actor)?) async throws(BlobStoreError) -> BlobInfo? {
      if !hasBegun {
        hasBegun = true
        try await store.runBefore(.list, prefix)
      }
      if let blob = try await base.next(isolation: actor) { return blob }
      try await store.runAfter(.list, prefix)
      return nil
    }

    mutating func next() async throws(BlobStoreError) -> BlobInfo? {
      try await next(isolation: nil)
    }
  }

  func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(store: store, prefix: prefix, base: listing.makeAsyncIterator())
  }
}
