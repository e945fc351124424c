import Backends
import CondaTypes
import Hummingbird
import Logging
import NIOCore

/// Sends a blob of a store that is not on local disk, chunk by chunk, at the client's pace and never whole in memory.
///
/// - A whole blob is hashed on the way. Its last chunk waits until the digest is known to be right, so a client never
///   gets as many bytes as were announced unless they are the right ones; the connection breaks instead.
/// - Where the store breaks off, the rest is asked for by range; the client notices nothing.
struct StreamedBody: Sendable {
  /// How often in a row the store may break off without having sent a byte.
  private static let fruitlessResumptions = 3

  let store: any BlobStore
  let key: BlobKey
  /// What the row says.
  let size: Int64
  let sha256: Digest
  let logger: Logger

  /// Opens the blob; what goes wrong here can still be answered properly.
  ///
  /// - Throws: `BlobStoreError`; `.damaged` if the store has another number of bytes than the row.
  func make(range: Range<Int64>) async throws -> ResponseBody {
    let reader = try await open(range)
    return ResponseBody(contentLength: range.count) { writer in
      do throws(BodyFailure) {
        try await send(reader, range, to: &writer)
      } catch {
        throw logged(error)
      }
      try await writer.finish(nil)
    }
  }

  private func open(_ range: Range<Int64>) async throws(BlobStoreError) -> BlobReader {
    let reader = try await store.get(key, range: range == 0..<size ? nil : range)
    guard reader.info.size == size, reader.range == range else {
      throw BlobStoreError(
        .damaged, key: key, message: "the store has \(reader.info.size) bytes, the row says \(size)")
    }
    return reader
  }

  private func send(
    _ reader: BlobReader, _ range: Range<Int64>, to writer: inout any ResponseBodyWriter
  ) async throws(BodyFailure) {
    let hash = range == 0..<size ? try Self.client { try StreamingDigest(.sha256) } : nil
    var chunks = ResumedChunks(body: self, range: range, reader: reader)
    var held: ByteBuffer?
    while let chunk = try await chunks.next() {
      hash.map { hash in chunk.withUnsafeReadableBytes { hash.update($0) } }
      if let held { try await Self.write(held, to: &writer) }
      held = chunk
    }
    if let hash {
      let found = try Self.client { try hash.finish() }
      guard found == sha256 else {
        throw .store(
          BlobStoreError(.damaged, key: key, message: "the bytes sent hash to \(found.hex)"))
      }
    }
    if let held { try await Self.write(held, to: &writer) }
  }

  private static func client<Value>(_ work: () throws -> Value) throws(BodyFailure) -> Value {
    do { return try work() } catch { throw .client(error) }
  }

  private static func write(
    _ chunk: ByteBuffer, to writer: inout any ResponseBodyWriter
  ) async throws(BodyFailure) {
    do { try await writer.write(chunk) } catch { throw .client(error) }
  }

  /// The head is out, so nobody else will say what happened.
  private func logged(_ failure: BodyFailure) -> any Error {
    switch failure {
    case .client(let error): return error
    case .store(let error):
      logger.log(
        level: error.kind == .damaged ? .critical : .error, "a download was broken off",
        metadata: ["blob.key": "\(key)", "error.cause": "\(String(reflecting: error))"])
      return error
    }
  }

  /// Whose fault an early end is.
  fileprivate enum BodyFailure: Error {
    case client(any Error)
    case store(BlobStoreError)
  }

  /// The chunks of a range, over as many requests to the store as it takes.
  private struct ResumedChunks {
    let body: StreamedBody
    let range: Range<Int64>
    var chunks: BlobChunks.AsyncIterator
    var position: Int64
    var fruitless = 0

    init(body: StreamedBody, range: Range<Int64>, reader: BlobReader) {
      self.body = body
      self.range = range
      chunks = reader.chunks.makeAsyncIterator()
      position = range.lowerBound
    }

    mutating func next() async throws(BodyFailure) -> ByteBuffer? {
      while true {
        do throws(BlobStoreError) {
          guard let chunk = try await chunks.next() else { return try ended() }
          position += Int64(chunk.readableBytes)
          fruitless = 0
          return chunk
        } catch {
          try await resume(after: error)
        }
      }
    }

    private func ended() throws(BlobStoreError) -> ByteBuffer? {
      guard position == range.upperBound else {
        throw BlobStoreError(.unavailable, key: body.key, message: "the store ended at byte \(position)")
      }
      return nil
    }

    /// Content never changes under a key, so what comes now continues what came before.
    private mutating func resume(after error: BlobStoreError) async throws(BodyFailure) {
      fruitless += 1
      guard error.isRetryable || error.kind == .damaged, fruitless <= StreamedBody.fruitlessResumptions,
        position < range.upperBound, !Task.isCancelled
      else { throw .store(error) }
      body.logger.warning(
        "the store broke off a download; it goes on by range",
        metadata: [
          "blob.key": "\(body.key)", "offset_bytes": "\(position)",
          "error.cause": "\(String(reflecting: error))",
        ])
      do throws(BlobStoreError) {
        chunks = try await body.open(position..<range.upperBound).chunks.makeAsyncIterator()
      } catch {
        throw .store(error)
      }
    }
  }
}
