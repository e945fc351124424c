import Backends
import CondaTypes
import NIOCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Tells whether derived files are what they are named after. Blocks.
struct DocumentProof: Sendable {
  let documents: any LocalFileBlobStore

  /// Whether a file is there and its bytes have this digest. One with other bytes is removed: missing files are made again.
  ///
  /// Somebody may write the file anew meanwhile. Then it is the new one that counts; should it be removed by mistake all the
  /// same, it is missing, and is made again as well.
  func holds(_ digest: Digest) throws -> Bool {
    let key = try BlobLayout.key(for: digest)
    let path = documents.localPath(of: key)
    while true {
      do {
        let file = try OpenFile(path: path, key: key, end: 0)
        if try Self.digest(of: file) == digest { return true }
        guard file.isStill(at: path) else { continue }
      } catch let error as BlobStoreError where error.kind == .notFound {
        return false
      } catch let error as BlobStoreError where error.kind == .damaged {
        // Not a file at all.
      }
      try documents.removeNow(key)
      return false
    }
  }

  /// `nil` if the disk cannot give the bytes back.
  private static func digest(of file: OpenFile) throws -> Digest? {
    do {
      return try file.sha256()
    } catch let error as IOError where error.errnoCode == EIO {
      return nil
    }
  }
}
