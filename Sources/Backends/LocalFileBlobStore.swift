/// A store whose blobs are plain files on this machine, which others may read by path (`sendfile`, hard
/// links).
public protocol LocalFileBlobStore: BlobStore {
  /// The absolute path where the blob with this key lies, or would lie.
  ///
  /// Whether it exists is for the reader to find out when opening it. The file must not be changed.
  func localPath(of key: BlobKey) -> String
}
