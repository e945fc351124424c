import CurlHTTP
import Locks
import NIOCore

/// A file in parts: hashed here, block by block, and read again from the page cache while it is sent.
final class FileParts: UploadParts {
  private let file: OpenFile
  private let path: String
  private let size: Int64
  private let partSize: Int64
  private let pool: BlockingPool
  private let whole: RunningDigest?
  private let offset = Guarded<Int64>(0)

  init(file: OpenFile, path: String, size: Int64, partSize: Int64, pool: BlockingPool, hashesWhole: Bool) {
    self.file = file
    self.path = path
    self.size = size
    self.partSize = partSize
    self.pool = pool
    whole = hashesWhole ? RunningDigest() : nil
  }

  func next() async throws(BlobStoreError) -> S3Client.Payload? {
    let start = offset.withLock { $0 }
    let length = min(partSize, size - start)
    guard length > 0 else { return nil }
    let digest = try await pool.run { () throws(BlobStoreError) in try self.hash(start..<start + length) }
    offset.withLock { $0 = start + length }
    return S3Client.Payload(
      body: .file(path: path, offset: start, size: length), size: length, sha256: digest)
  }

  func summary() -> (size: Int64, sha256: String?) { (offset.withLock { $0 }, whole?.finish()) }

  /// Blocks.
  private func hash(_ range: Range<Int64>) throws(BlobStoreError) -> String {
    let digest = RunningDigest()
    var position = range.lowerBound
    while position < range.upperBound {
      let length = Int(min(range.upperBound - position, Int64(FileChunks.blockSize)))
      let block = try file.read(at: position, length: length)
      guard block.readableBytes > 0 else {
        throw BlobStoreError(.unexpected, message: "'\(path)' became shorter than \(size) bytes")
      }
      digest.update(block)
      whole?.update(block)
      position += Int64(block.readableBytes)
    }
    return digest.finish()
  }
}
