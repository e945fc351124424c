public import NIOCore

/// A store whose blobs are plain files on this machine, which others may read by path (`sendfile`, hard
/// links), and which can be written to without leaving the thread.
public protocol LocalFileBlobStore: BlobStore {
  /// The absolute path where the blob with this key lies, or would lie.
  ///
  /// Whether it exists is for the reader to find out when opening it. The file must not be changed.
  func localPath(of key: BlobKey) -> String

  /// Stores a few bytes, as `put` does. Blocks: for callers on a thread of their own that may not suspend, such as an open
  /// transaction. After a power cut before this returns, a blob that was not there may have a part of the bytes: the next put
  /// replaces it. That the key is the digest of the bytes is the caller's word, and so is that nobody reads it before this
  /// returns.
  func putNow(_ bytes: ByteBuffer, at key: BlobKey) throws(BlobStoreError)

  /// Takes a file that is finished, as `put` of one to be moved does. Blocks.
  ///
  /// - Parameter size: In bytes; must be the file's.
  func putNow(fileAt path: String, size: Int64, at key: BlobKey) throws(BlobStoreError)

  /// Removes a blob, as `delete` does. Blocks.
  func removeNow(_ key: BlobKey) throws(BlobStoreError)
}
