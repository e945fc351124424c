package import CondaTypes
import Locks

/// Keeps an upload and a removal of the same bytes apart.
///
/// An upload enters with its digest before it puts the blob and leaves after its row is committed; a removal runs only
/// while nobody is inside, and uploads of that digest wait for it. So a blob is never removed between `put` and row.
package final class BlobGate: Sendable {
  private struct State {
    var uploads: [Digest: Int] = [:]
    var removals: Set<Digest> = []
    var waiting: [Digest: [CheckedContinuation<Void, Never>]] = [:]
  }

  private let state = Guarded(State())

  package init() {}

  /// Enters; waits while the digest is being removed.
  package func enter(_ digest: Digest) async {
    while !tryEnter(digest) {
      await withCheckedContinuation { continuation in
        let mayGoOn = state.withLock { state in
          guard state.removals.contains(digest) else { return true }
          state.waiting[digest, default: []].append(continuation)
          return false
        }
        if mayGoOn { continuation.resume() }
      }
    }
  }

  /// Enters, unless the digest is being removed; says whether it did.
  package func tryEnter(_ digest: Digest) -> Bool {
    state.withLock { state in
      guard !state.removals.contains(digest) else { return false }
      state.uploads[digest, default: 0] += 1
      return true
    }
  }

  /// Leaves.
  package func leave(_ digest: Digest) {
    state.withLock { state in
      let count = (state.uploads[digest] ?? 1) - 1
      state.uploads[digest] = count > 0 ? count : nil
    }
  }

  /// Runs `body` if no upload of the digest is under way; says whether it ran.
  @discardableResult
  package func remove(_ digest: Digest, _ body: @Sendable () async throws -> Void) async rethrows -> Bool {
    let isAlone = state.withLock { state in
      state.uploads[digest] == nil && state.removals.insert(digest).inserted
    }
    guard isAlone else { return false }
    defer {
      let waiting = state.withLock { state in
        state.removals.remove(digest)
        return state.waiting.removeValue(forKey: digest) ?? []
      }
      for continuation in waiting { continuation.resume() }
    }
    try await body()
    return true
  }
}
