import Foundation

/// `<root>/.tmp`, where blobs gather before they get their name; on the same file system, so that a rename
/// suffices.
enum TemporaryFolder {
  /// Its name below the root; no key leads there (``BlobPath``, rule 2).
  static let name = ".tmp"

  /// Makes the folder and removes what a crash left in it. Blocks.
  ///
  /// Files that a writer still holds a lock on are left alone: `quetz check-storage` may open a store that is
  /// in use.
  ///
  /// - Throws: `.permissionDenied` if this process could not write there.
  static func prepare(in root: String) throws(BlobStoreError) {
    let path = root + "/" + name
    if mkdir(path, 0o755) != 0, errno != EEXIST { throw BlobStoreError.failed("mkdir", at: path) }
    guard access(path, R_OK | W_OK | X_OK) == 0 else { throw BlobStoreError.failed("access", at: path) }
    for entry in try FolderEntry.all(in: path) where !entry.isFolder {
      removeIfAbandoned(path + "/" + String(decoding: entry.name, as: UTF8.self))
    }
  }

  private static func removeIfAbandoned(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
  }
}
