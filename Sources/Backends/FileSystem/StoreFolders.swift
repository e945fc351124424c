import Foundation
import Locks

/// The folders of a ``FileSystemStore``: made when a blob needs them, flushed so that they outlast a power
/// cut, removed when the last blob leaves them.
///
/// A file is only safe when its folder's entry for it is on disk, and that folder's entry in its own parent,
/// up to the root. Flushing all levels for each blob would be slow, so the folders already known to be safe
/// are remembered. All methods block.
final class StoreFolders: Sendable {
  private struct State {
    /// Folders (relative paths) that exist and whose entry in their parent is on disk.
    var safe: Set<String> = []
    /// How many folders were removed so far: tells whether what was seen before a flush may have changed.
    var removals = 0
  }

  /// The store's root, absolute.
  let root: String
  /// Whether the file system syncs the name of a new file with the file.
  private let syncsNamesWithFiles: Bool
  private let state = Guarded(State())

  /// - Parameter root: Absolute, without links.
  init(root: String) {
    self.root = root
    syncsNamesWithFiles = MountTable.syncsNamesWithFiles(in: root)
  }

  /// The absolute path of a relative one.
  func absolute(_ relativePath: String) -> String {
    relativePath.isEmpty ? root : root + "/" + relativePath
  }

  /// Renames `source` to `relativePath`, making the folders it lies in.
  func rename(_ source: String, to relativePath: String, key: BlobKey) throws(BlobStoreError) {
    try makingFolders(of: relativePath, key: key) { target throws(BlobStoreError) in
      if Foundation.rename(source, target) == 0 { return true }
      let code = errno
      if code == ENOENT, access(source, F_OK) == 0 { return false }
      throw BlobStoreError.failed("rename", at: source, key: key, errno: code)
    }
  }

  #if os(Linux)
    /// Gives an open file that has no name the name `relativePath`, making the folders it lies in.
    ///
    /// - Returns: False if there is such a file, or this cannot be done here.
    func link(_ descriptor: Int32, to relativePath: String, key: BlobKey) throws(BlobStoreError) -> Bool {
      // The other way, AT_EMPTY_PATH, is for privileged processes.
      let source = "/proc/self/fd/\(descriptor)"
      var isDone = true
      try makingFolders(of: relativePath, key: key) { target throws(BlobStoreError) in
        if linkat(AT_FDCWD, source, AT_FDCWD, target, AT_SYMLINK_FOLLOW) == 0 { return true }
        if errno == ENOENT, access(source, F_OK) == 0 { return false }
        isDone = false
        return true
      }
      return isDone
    }
  #endif

  /// Tries to put something at `relativePath`, and again once its folder is made.
  ///
  /// Folders are only made when there is none, and again if a deletion removes them at that moment.
  ///
  /// - Parameter attempt: Takes the absolute path; says false if the folder is missing.
  private func makingFolders(
    of relativePath: String, key: BlobKey, _ attempt: (String) throws(BlobStoreError) -> Bool
  ) throws(BlobStoreError) {
    let target = absolute(relativePath)
    for _ in 0..<Self.maximumAttempts {
      if try attempt(target) { return }
      try makeFolder(Self.parent(of: relativePath), key: key)
    }
    throw BlobStoreError(
      .unavailable, key: key, message: "the folder of '\(target)' is removed again and again")
  }

  /// How often a put may find its folder removed by deletions before it gives up.
  private static let maximumAttempts = 100

  /// Flushes a folder's entries, and the entries that lead to it as far as they are not known to be on disk.
  func flush(_ relativePath: String, key: BlobKey) throws(BlobStoreError) {
    try Self.flushFolder(absolute(relativePath), key: key)
    try flushWay(to: relativePath, key: key)
  }

  /// Does what `flush` does for a file that is new, was flushed after it got its name, and still has it: where that has flushed
  /// the name as well, its folder is spared.
  func flushName(in relativePath: String, key: BlobKey) throws(BlobStoreError) {
    if syncsNamesWithFiles {
      try flushWay(to: relativePath, key: key)
    } else {
      try flush(relativePath, key: key)
    }
  }

  /// Flushes the entries that lead to a folder as far as they are not known to be on disk.
  private func flushWay(to relativePath: String, key: BlobKey) throws(BlobStoreError) {
    var folder = relativePath
    while !folder.isEmpty {
      let (isSafe, removals) = state.withLock { ($0.safe.contains(folder), $0.removals) }
      let parent = Self.parent(of: folder)
      if !isSafe {
        try Self.flushFolder(absolute(parent), key: key)
        state.withLock { state in
          // Otherwise this folder may be another than the one just flushed.
          if state.removals == removals { state.safe.insert(folder) }
        }
      }
      folder = parent
    }
  }

  /// Removes a folder if nothing is left in it, and then the ones above it likewise; never the root.
  func removeIfEmpty(_ relativePath: String) {
    var folder = relativePath
    while !folder.isEmpty {
      let isRemoved = state.withLock { state in
        guard rmdir(absolute(folder)) == 0 else { return false }
        state.safe.remove(folder)
        state.removals += 1
        return true
      }
      guard isRemoved else { return }
      folder = Self.parent(of: folder)
    }
  }

  /// The folder that a relative path lies in; empty for the root.
  static func parent(of relativePath: String) -> String {
    relativePath.lastIndex(of: "/").map { String(relativePath[..<$0]) } ?? ""
  }

  private func makeFolder(_ relativePath: String, key: BlobKey) throws(BlobStoreError) {
    guard !relativePath.isEmpty else { return }
    let path = absolute(relativePath)
    if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
    guard errno == ENOENT else { throw BlobStoreError.failed("mkdir", at: path, key: key) }
    try makeFolder(Self.parent(of: relativePath), key: key)
    // If a deletion has removed the parent again, the next attempt will say so and all is tried anew.
    if mkdir(path, 0o755) != 0, errno != EEXIST, errno != ENOENT {
      throw BlobStoreError.failed("mkdir", at: path, key: key)
    }
  }

  /// Makes a folder outside of any store, and those above it, each flushed into its parent.
  static func makeRoot(_ path: String) throws(BlobStoreError) {
    if mkdir(path, 0o755) == 0 {
      return try flushFolder(parent(ofAbsolute: path), key: nil)
    }
    switch errno {
    case EEXIST: return
    case ENOENT where path != parent(ofAbsolute: path):
      try makeRoot(parent(ofAbsolute: path))
      if mkdir(path, 0o755) != 0, errno != EEXIST { throw BlobStoreError.failed("mkdir", at: path) }
      try flushFolder(parent(ofAbsolute: path), key: nil)
    default: throw BlobStoreError.failed("mkdir", at: path)
    }
  }

  private static func parent(ofAbsolute path: String) -> String {
    let parent = parent(of: path)
    return parent.isEmpty ? "/" : parent
  }

  /// Flushes a folder's entries to disk. One that is gone needs no flushing: then what was in it is gone too.
  private static func flushFolder(_ path: String, key: BlobKey?) throws(BlobStoreError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return }
      throw BlobStoreError.failed("open", at: path, key: key)
    }
    defer { close(descriptor) }
    guard repeatedIfInterrupted({ fsync(descriptor) }) == 0 else {
      throw BlobStoreError.failed("fsync", at: path, key: key)
    }
  }
}
