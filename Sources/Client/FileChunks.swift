import Dispatch
import Foundation
import NIOCore

/// A file's bytes in pieces of 256 KiB that tells how far it got; for uploads whose progress is watched.
struct FileChunks: AsyncSequence, Sendable {
  typealias Element = ByteBuffer
  typealias Failure = any Error

  private static let pieceSize = 256 << 10
  private static let queue = DispatchQueue(label: "file-chunks", attributes: .concurrent)

  let path: String
  let size: Int64
  /// Called with the bytes handed out so far.
  let progress: @Sendable (Int64) -> Void

  func makeAsyncIterator() -> Iterator { Iterator(chunks: self) }

  struct Iterator: AsyncIteratorProtocol {
    let chunks: FileChunks
    private var file: OpenFile?
    private var offset: Int64 = 0

    init(chunks: FileChunks) { self.chunks = chunks }

    mutating func next() async throws -> ByteBuffer? {
      let file = try self.file ?? OpenFile(chunks.path)
      self.file = file
      let count = Int(Swift.min(Int64(FileChunks.pieceSize), chunks.size - offset))
      guard count > 0 else { return nil }
      let piece = try await file.read(count, at: offset, on: FileChunks.queue)
      offset += Int64(piece.readableBytes)
      chunks.progress(offset)
      return piece.readableBytes == 0 ? nil : piece
    }
  }

  /// A descriptor that closes itself.
  private final class OpenFile: Sendable {
    private let path: String
    private let descriptor: Int32

    init(_ path: String) throws(RegistryError) {
      self.path = path
      descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw .unreadableFile(path: path, reason: String(cString: strerror(errno)))
      }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func read(_ count: Int, at offset: Int64, on queue: DispatchQueue) async throws -> ByteBuffer {
      try await withCheckedThrowingContinuation { continuation in
        queue.async { [self] in
          var piece = ByteBufferAllocator().buffer(capacity: count)
          let received = piece.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
            Swift.max(0, pread(descriptor, target.baseAddress, count, off_t(offset)))
          }
          if received > 0 {
            continuation.resume(returning: piece)
          } else {
            let error = RegistryError.unreadableFile(
              path: path, reason: "the file became shorter while it was sent")
            continuation.resume(throwing: error)
          }
        }
      }
    }
  }
}
