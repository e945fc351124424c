import Foundation
import Locks

/// A walk over the blobs below a root in the order of their keys' bytes, one page at a time.
///
/// Depth-first order is not key order: `a-b` < `a.b` < `a/b`, though the folder `a` sorts before both. So the
/// walk keeps a heap of what it has seen and not yet given out, ordered by the smallest key each can hold: a
/// blob's own, a folder's with its `/`. The smallest is taken; a blob is next, a folder is replaced by what
/// is in it. Memory grows with the names in the folders being walked, not with the tree.
final class DirectoryListing: Sendable {
  private let root: String
  private let prefix: [UInt8]
  private let pending: Guarded<KeyHeap<PendingEntry>>

  /// A walk over the keys that begin with `prefix`.
  init(root: String, prefix: String) {
    self.root = root
    self.prefix = Array(prefix.utf8)
    var start = KeyHeap<PendingEntry>()
    start.insert(PendingEntry(smallestKey: [], path: "", isFolder: true), smallestKey: [])
    pending = Guarded(start)
  }

  /// The next blobs, `limit` at most; fewer or none at the end. Blocks.
  func nextPage(limit: Int) throws(BlobStoreError) -> [BlobInfo] {
    var page: [BlobInfo] = []
    while page.count < limit, let entry = pending.withLock({ $0.popSmallest() }) {
      if entry.isFolder {
        try open(entry)
      } else if let blob = try blob(entry) {
        page.append(blob)
      }
    }
    return page
  }

  /// Adds what is in a folder and can hold keys with the prefix.
  private func open(_ folder: PendingEntry) throws(BlobStoreError) {
    for entry in try FolderEntry.all(in: folder.path.isEmpty ? root : root + "/" + folder.path) {
      guard let name = BlobPath.read(entry.name, isFolder: entry.isFolder) else { continue }
      let smallestKey =
        switch name {
        case .blob(let rest), .continued(let rest): folder.smallestKey + rest
        case .folder(let segment): folder.smallestKey + segment + [UInt8(ascii: "/")]
        }
      guard smallestKey.count <= BlobKey.maximumLength else { continue }
      guard smallestKey.starts(with: prefix) || (entry.isFolder && prefix.starts(with: smallestKey)) else {
        continue
      }
      let path = String(decoding: entry.name, as: UTF8.self)
      pending.withLock {
        $0.insert(
          PendingEntry(
            smallestKey: smallestKey, path: folder.path.isEmpty ? path : folder.path + "/" + path,
            isFolder: entry.isFolder),
          smallestKey: smallestKey)
      }
    }
  }

  /// The blob at a path; `nil` if it is gone by now, or if the file is not one of ours.
  private func blob(_ entry: PendingEntry) throws(BlobStoreError) -> BlobInfo? {
    guard let text = String(validating: entry.smallestKey, as: UTF8.self), let key = try? BlobKey(text),
      BlobPath.relativePath(of: key) == entry.path
    else { return nil }
    do {
      return try BlobInfo(key: key, statusOf: root + "/" + entry.path)
    } catch {
      if error.kind == .notFound { return nil }
      throw error
    }
  }
}

/// A file or a folder that a walk has seen and not yet given out.
private struct PendingEntry {
  /// The smallest key it can hold: a blob's own.
  let smallestKey: [UInt8]
  /// Where it is, relative to the root.
  let path: String
  let isFolder: Bool
}
