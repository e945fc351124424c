import Backends
import Hummingbird
import Logging
import NIOCore

/// Sends a blob of a store that is not on local disk, chunk by chunk, at the client's pace and never whole in memory.
///
/// The store goes on by range where its service breaks off (`RetryingStore`), and hashes whole blobs on the way, holding
/// the last chunk back until the hash is right (`VerifyingStore`). So a client never gets as many bytes as were announced
/// unless they are the right ones; the connection breaks instead.
///
/// Hummingbird's writer takes a chunk without waiting until the event loop has seen it, and stops only once the loop has
/// found the socket full. A loop that is a moment behind could be handed a good part of a package; so it is waited for
/// every `stride` bytes.
struct StreamedBody: Sendable {
  /// Bytes that may be ahead of the event loop.
  private static let stride = 256 << 10

  let store: any BlobStore
  let key: BlobKey
  /// What the row says.
  let size: Int64
  /// The connection's.
  let eventLoop: any EventLoop
  let logger: Logger

  /// Opens the blob; what goes wrong here can still be answered properly.
  ///
  /// - Throws: `BlobStoreError`; `.damaged` if the store has another number of bytes than the row.
  func make(range: Range<Int64>) async throws -> ResponseBody {
    let reader = try await store.get(key, range: range == 0..<size ? nil : range)
    guard reader.info.size == size, reader.range == range else {
      throw BlobStoreError(
        .damaged, key: key, message: "the store has \(reader.info.size) bytes, the row says \(size)")
    }
    return ResponseBody(contentLength: range.count) { writer in
      var chunks = reader.chunks.makeAsyncIterator()
      var ahead = 0
      while let chunk = try await next(&chunks) {
        try await writer.write(chunk)
        ahead += chunk.readableBytes
        guard ahead >= Self.stride else { continue }
        ahead = 0
        try await eventLoop.submit {}.get()
      }
      try await writer.finish(nil)
    }
  }

  /// The head is out, so nobody else will say what happened to the store. A client that went away is no failure.
  private func next(_ chunks: inout BlobChunks.AsyncIterator) async throws(BlobStoreError) -> ByteBuffer? {
    do throws(BlobStoreError) {
      return try await chunks.next()
    } catch {
      if !Task.isCancelled {
        logger.log(
          level: error.kind == .damaged ? .critical : .error, "a download was broken off",
          metadata: ["blob.key": "\(key)", "error.cause": "\(String(reflecting: error))"])
      }
      throw error
    }
  }
}
