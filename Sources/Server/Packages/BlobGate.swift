package import CondaTypes

/// Keeps an upload and a removal of the same bytes apart.
///
/// An upload enters with its digest before it puts the blob and leaves after its row is committed; a removal runs only
/// while nobody is inside, and uploads of that digest wait for it. So a blob is never removed between `put` and row.
package actor BlobGate {
  private var uploads: [Digest: Int] = [:]
  private var removals: Set<Digest> = []
  private var waiting: [Digest: [CheckedContinuation<Void, Never>]] = [:]

  package init() {}

  /// Enters; waits while the digest is being removed.
  package func enter(_ digest: Digest) async {
    while removals.contains(digest) {
      await withCheckedContinuation { waiting[digest, default: []].append($0) }
    }
    uploads[digest, default: 0] += 1
  }

  /// Leaves; says whether nobody else is inside.
  package func leave(_ digest: Digest) {
    let count = (uploads[digest] ?? 1) - 1
    uploads[digest] = count > 0 ? count : nil
  }

  /// Runs `body` if no upload of the digest is under way; says whether it ran.
  @discardableResult
  package func remove(_ digest: Digest, _ body: @Sendable () async throws -> Void) async rethrows -> Bool {
    guard uploads[digest] == nil, removals.insert(digest).inserted else { return false }
    defer {
      removals.remove(digest)
      for continuation in waiting.removeValue(forKey: digest) ?? [] { continuation.resume() }
    }
    try await body()
    return true
  }
}
