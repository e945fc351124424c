import Backends
import CondaTypes

/// The files that a document's pieces lie in.
final class PieceSource {
  let plain: OpenFile
  let zst: OpenFile
  /// What a piece is copied through.
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)

  /// Opens the files of one of a family's documents.
  ///
  /// Blocks: after a reboot, until all files have been looked at, these are hashed first. Copied into a new document, damage
  /// would never be found.
  ///
  /// - Throws: `BlobStoreError` if one is missing, damaged, or shorter than the layout says.
  init(_ index: Int, of family: SubdirLayout.Family, in store: DocumentStore) throws {
    let places = family.sections.joined().map { $0.places[index] }
    func open(_ digest: String, end: Int64?) throws -> OpenFile {
      let digest = try Digest(sha256Hex: digest)
      let key = try BlobLayout.key(for: digest)
      guard let blobs = store.blobs as? any LocalFileBlobStore,
        try store.trust.isProven(digest) || store.trust.proof.holds(digest)
      else { throw BlobStoreError(.notFound, key: key, message: "the document is missing or was damaged") }
      return try OpenFile(path: blobs.localPath(of: key), key: key, end: end ?? 0)
    }
    plain = try open(family.files[index].plain, end: places.map(\.plain.upperBound).max())
    zst = try open(family.files[index].zst, end: places.map(\.zst.upperBound).max())
  }

  /// Copies a range of one of them.
  func copy(_ range: Range<Int64>, of file: OpenFile, to target: DocumentFile) throws {
    var start = range.lowerBound
    while start < range.upperBound {
      let count = Int(min(Int64(buffer.count), range.upperBound - start))
      let block = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
      try file.read(at: start, into: block)
      try target.append(UnsafeRawBufferPointer(block))
      start += Int64(count)
    }
  }

  deinit { buffer.deallocate() }
}
