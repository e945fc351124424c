import Foundation
import NIOCore

/// A file that has its bytes before it has a name (Linux's `O_TMPFILE`), so that it needs no temporary one.
///
/// A temporary name costs a synced file as much as the file: its folder is written beside the file's, and later the other
/// folder that the file moves to. And a process that is killed leaves nothing behind.
enum NamelessFile {
  /// Stores bytes in a new file, flushed with its name. Blocks.
  ///
  /// The bytes are flushed with the name, not before it: after a power cut in between, or a failure to flush, the name may
  /// have a part of them.
  ///
  /// - Returns: False, having done nothing, if there is such a file, or the file system has no nameless ones.
  static func put(
    _ bytes: ByteBuffer, at key: BlobKey, in folders: StoreFolders
  ) throws(BlobStoreError) -> Bool {
    #if os(Linux)
      let place = folders.absolute(TemporaryFolder.name)
      let descriptor = repeatedIfInterrupted { open(place, O_WRONLY | O_CLOEXEC | temporaryFileFlag, 0o644) }
      // Some file systems know nothing of it, and old kernels take it for an attempt to write to a folder.
      guard descriptor >= 0 else { return false }
      defer { close(descriptor) }
      try AtomicWrite.write(bytes, to: descriptor, at: place, key: key)
      let path = BlobPath.relativePath(of: key)
      guard try folders.link(descriptor, to: path, key: key) else { return false }
      let name = NameInMemory(of: folders.absolute(path))
      defer { name.release() }
      // The name stays if this fails: what it names may be somebody else's by now. The next put replaces it.
      guard repeatedIfInterrupted({ fsync(descriptor) }) == 0 else {
        throw BlobStoreError.failed("fsync", at: folders.absolute(path), key: key)
      }
      let folder = StoreFolders.parent(of: path)
      if name.isHeld, hasName(descriptor) {
        try folders.flushName(in: folder, key: key)
      } else {
        try folders.flush(folder, key: key)
      }
      return true
    #else
      return false
    #endif
  }

  #if os(Linux)
    /// Whether an open file still has a name: another put of the same key may have replaced it before it was flushed, and then
    /// flushing it has flushed no name.
    private static func hasName(_ descriptor: Int32) -> Bool {
      var facts = stat()
      return fstat(descriptor, &facts) == 0 && facts.st_nlink > 0
    }

    /// Keeps the kernel's entry for a path in memory. ext4 without a journal syncs, with a new file, the folder of a name that it
    /// finds in memory; the one in `.tmp`, which the file was made with, is always there.
    private struct NameInMemory {
      private let descriptor: Int32

      init(of path: String) {
        descriptor = repeatedIfInterrupted { open(path, pathFlag | O_NOFOLLOW | O_CLOEXEC) }
      }

      var isHeld: Bool { descriptor >= 0 }

      func release() { if isHeld { close(descriptor) } }
    }

    /// `O_PATH`, a macro that Swift does not see.
    private static let pathFlag: Int32 = 0o10_000_000

    /// `O_TMPFILE`, which is `__O_TMPFILE | O_DIRECTORY`: a macro that Swift does not see.
    static let temporaryFileFlag: Int32 = 0o20_000_000 | O_DIRECTORY
  #endif
}
