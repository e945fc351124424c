import Foundation
public import NIOCore

/// A store of plain files below one folder: the default for one machine.
///
/// ```
/// <root>/
///   .tmp/                            blobs on their way in; emptied when a store is opened
///   sha256/9f/9f86d081884c…          the blob with this key (``BlobPath`` has the few exceptions)
/// ```
/// A `put` gathers the bytes in `.tmp`, flushes them, renames the file to its place and flushes the folders,
/// so that a power cut leaves the old blob or the new one; of what `putNow` promises less, see there. Reads need no
/// locks: an open file survives its name. Files below the root that no key leads to are not seen. Not flushed are
/// deletions: one may be undone by a power cut.
///
/// Blocking calls run on threads of the store's own. One root belongs to one process at a time, and is better
/// not a mount point itself: folders that this process may not read, such as `lost+found`, make listings
/// fail.
public struct FileSystemStore: LocalFileBlobStore {
  /// What a finished `put` outlasts.
  public enum Durability: Hashable, Sendable {
    /// The end of the power: file and folders are flushed to disk. For bytes that cannot be made again.
    case powerLoss
    /// The end of this process: nothing is flushed. For bytes that can be made again.
    case processCrash
  }

  let folders: StoreFolders
  private let durability: Durability
  let pool: BlockingPool

  /// Opens the store in the folder `root`, which is made if it is missing, and removes what a crash left in
  /// `.tmp`. Blocks; meant for start-up.
  ///
  /// - Throws: `.permissionDenied` if this process may not write there; `.outOfSpace`; `.unexpected` if
  ///   `root` is no folder.
  public init(root: String, durability: Durability = .powerLoss) throws(BlobStoreError) {
    let path = try Self.resolve(root)
    try TemporaryFolder.prepare(in: path)
    folders = StoreFolders(root: path)
    pool = BlockingPool()
    self.durability = durability
  }

  /// Makes the folder and gives its absolute path, without links, `.` and `..`.
  private static func resolve(_ root: String) throws(BlobStoreError) -> String {
    let absolute = URL(fileURLWithPath: root).standardizedFileURL.path
    try StoreFolders.makeRoot(absolute)
    guard let resolved = realpath(absolute, nil) else {
      throw BlobStoreError.failed("realpath", at: absolute)
    }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The folder that the blobs are in: absolute, without links.
  public var root: String { folders.root }

  /// The absolute path of a blob's file; `<root>/<key>` for ordinary keys.
  public func localPath(of key: BlobKey) -> String {
    folders.absolute(BlobPath.relativePath(of: key))
  }

  /// Stores bytes under a key, atomically, and as durably as the store was asked to be.
  ///
  /// A file given to be moved is renamed, if it lies on the same file system; then its size is checked, and
  /// its digest is not, since nobody reads its bytes.
  public func put(_ body: BlobBody, at key: BlobKey) async throws(BlobStoreError) {
    switch body.source {
    case .bytes(let buffer):
      try await pool.run { () throws(BlobStoreError) in
        let write = try AtomicWrite(of: body, at: key, in: folders)
        try write.append(buffer)
        try write.commit(durably: isDurable)
      }
    case .file(let path, let move):
      try await pool.run { () throws(BlobStoreError) in
        if move { try self.move(path, as: body, to: key) } else { try copy(path, as: body, to: key) }
      }
    case .stream(let stream):
      try await put(stream, as: body, at: key)
    }
  }

  /// Stores bytes under a key, as durably as the store was asked to be. Blocks.
  ///
  /// A new file gets its own name at once, which saves a temporary one and its renaming. Where nothing has to outlast a power
  /// cut, it has it before its bytes, and a crash may leave a part of it. Otherwise it has its bytes first; then only a power
  /// cut may leave a part, of a blob that was never acknowledged, and the next put replaces that. A file that is there already
  /// is replaced as a whole.
  public func putNow(_ bytes: ByteBuffer, at key: BlobKey) throws(BlobStoreError) {
    if isDurable {
      if try NamelessFile.put(bytes, at: key, in: folders) { return }
    } else if try writeNewFile(bytes, at: key) {
      return
    }
    let write = try AtomicWrite(of: .bytes(bytes), at: key, in: folders)
    try write.append(bytes)
    try write.commit(durably: isDurable)
  }

  /// Takes a file that is finished, by renaming if it lies on the same file system. Blocks.
  public func putNow(fileAt path: String, size: Int64, at key: BlobKey) throws(BlobStoreError) {
    try move(path, as: BlobBody(source: .file(path: path, move: true), size: size, sha256: nil), to: key)
  }

  /// Opens a blob, or a part of it.
  public func get(_ key: BlobKey, range: Range<Int64>?) async throws(BlobStoreError) -> BlobReader {
    let path = localPath(of: key)
    let (file, info) = try await pool.run { () throws(BlobStoreError) in
      let file = try OpenFile(path, key: key)
      return (file, try file.info())
    }
    let range = try info.resolve(range)
    let chunks = FileChunks(file: file, key: key, range: range, pool: pool)
    return BlobReader(info: info, range: range, chunks: BlobChunks(chunks))
  }

  /// What is known about a blob.
  public func info(_ key: BlobKey) async throws(BlobStoreError) -> BlobInfo {
    let path = localPath(of: key)
    return try await pool.run { () throws(BlobStoreError) in try BlobInfo(key: key, statusOf: path) }
  }

  /// Removes a blob, if there is one, and the folders that are empty then.
  public func delete(_ key: BlobKey) async throws(BlobStoreError) {
    try await pool.run { () throws(BlobStoreError) in try removeNow(key) }
  }

  /// Removes a blob, if there is one, and the folders that are empty then. Blocks.
  public func removeNow(_ key: BlobKey) throws(BlobStoreError) {
    let path = BlobPath.relativePath(of: key)
    if unlink(folders.absolute(path)) != 0 {
      if errno == ENOENT || errno == ENOTDIR { return }
      throw BlobStoreError.failed("unlink", at: folders.absolute(path), key: key)
    }
    folders.removeIfEmpty(StoreFolders.parent(of: path))
  }

  /// The blobs under a prefix, found page by page.
  public func list(prefix: String) -> BlobListing {
    BlobListing(DirectoryPages(root: root, prefix: prefix, pool: pool))
  }

  var isDurable: Bool { durability == .powerLoss }
}
