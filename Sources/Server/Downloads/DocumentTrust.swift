package import Backends
package import CondaTypes
import Locks
package import NIOPosix
import Synchronization

/// Which derived files may be served: they are not synced to disk, so after a reboot each has to be proven first.
///
/// ```
/// frontier        of `DocumentVerification`, which goes through all digests in their order
///   ↓
/// ──┬───────────────────────────
///   │ not looked at: hashed before the first one is served, and remembered
/// sound, or missing, or written by this process
/// ```
/// Once the verification is through, asking costs one atomic load.
package final class DocumentTrust: Sendable {
  private struct State {
    var frontier: Digest?
    /// Found sound beyond the frontier.
    var sound: Set<Digest> = []
    /// Being hashed, once for all who ask.
    var proofs: [Digest: Task<Bool, any Error>] = [:]
  }

  private let isEverythingProven = Atomic(false)
  private let state = Guarded(State())
  let proof: DocumentProof
  private let threads: NIOThreadPool

  /// Trusts nothing yet.
  package init(documents: any LocalFileBlobStore, threads: NIOThreadPool) {
    proof = DocumentProof(documents: documents)
    self.threads = threads
  }

  /// Whether every file may be served as it is.
  package var isComplete: Bool { isEverythingProven.load(ordering: .acquiring) }

  /// Whether a file may be served as it is, as far as is known without a look at it.
  package func isProven(_ digest: Digest) -> Bool {
    isComplete
      || state.withLock { state in
        state.sound.contains(digest) || state.frontier.map { !$0.precedes(digest) } ?? false
      }
  }

  /// Returns once a file may be served; hashes it if need be.
  ///
  /// - Throws: `BlobStoreError.notFound` if it is not there, or was damaged and is not there any more.
  package func require(_ digest: Digest) async throws {
    if isProven(digest) { return }
    if try await proof(of: digest).value { return }
    throw BlobStoreError(
      .notFound, key: try BlobLayout.key(for: digest),
      message: "the file is missing, or was damaged and removed")
  }

  /// Notes that everything up to a digest was looked at, and what was damaged is gone.
  package func advance(to digest: Digest) {
    state.withLock { state in
      if state.frontier?.precedes(digest) ?? true { state.frontier = digest }
    }
  }

  /// Notes that everything was looked at.
  package func complete() {
    state.withLock { state in
      isEverythingProven.store(true, ordering: .releasing)
      state = State()
    }
  }

  private func proof(of digest: Digest) -> Task<Bool, any Error> {
    state.withLock { state in
      if let known = state.proofs[digest] { return known }
      let task = Task { [self] in
        var isSound = false
        defer { note(digest, isSound: isSound) }
        isSound = try await threads.runIfActive { [proof] in try proof.holds(digest) }
        return isSound
      }
      state.proofs[digest] = task
      return task
    }
  }

  private func note(_ digest: Digest, isSound: Bool) {
    state.withLock { state in
      state.proofs[digest] = nil
      if isSound, !isComplete { state.sound.insert(digest) }
    }
  }
}

extension Digest {
  /// Whether it stands before another one in the order of the database.
  fileprivate func precedes(_ other: Digest) -> Bool { bytes.lexicographicallyPrecedes(other.bytes) }
}
