import Backends
import CondaTypes
import Foundation
import Locks
import Metadata

/// Removes documents some time after others took their place.
///
/// Each upload into a subdir of 500,000 records leaves 350 MB of them behind; the garbage collection comes once an hour.
/// What a crash leaves goes with that.
struct SupersededDocuments: Sendable {
  /// For how long a replaced document stays: somebody may just have asked where it is, or be about to refer to its bytes.
  static let grace: TimeInterval = 60

  let metadata: MetadataStore
  let blobs: any BlobStore
  private let waiting = Guarded<[(digest: Digest, since: Date)]>([])

  init(metadata: MetadataStore, blobs: any BlobStore) {
    self.metadata = metadata
    self.blobs = blobs
  }

  /// Takes note of documents that were replaced, and removes those that were some time ago.
  func add(_ digests: [Digest], at now: Date) async throws {
    let end = now.addingTimeInterval(-Self.grace)
    let due = waiting.withLock { waiting in
      waiting += digests.map { ($0, now) }
      let due = Set(waiting.prefix { $0.since < end }.map(\.digest))
      waiting.removeAll { due.contains($0.digest) && $0.since < end }
      return due.subtracting(waiting.map(\.digest))
    }
    for digest in due where try await !metadata.isDocumentReferenced(digest) {
      let key = try BlobLayout.key(for: digest)
      // Written again lately: somebody is about to refer to it.
      guard let blob = try? await blobs.info(key), blob.modified < end else { continue }
      try await blobs.delete(key)
    }
  }
}
