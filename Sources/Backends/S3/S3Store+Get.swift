import CurlHTTP
import NIOCore
import S3Signer

extension S3Store {
  /// Opens a blob, or a part of it.
  ///
  /// Costs one request; another where the range turns out not to be in the blob, or where a small object has no digest
  /// in its metadata.
  public func get(_ key: BlobKey, range: Range<Int64>?) async throws(BlobStoreError) -> BlobReader {
    // No server is asked for what no object has; S3's largest have 2^45 bytes or so.
    if let range, range.isEmpty || range.lowerBound < 0 || range.lowerBound > 1 << 52 {
      return try await refuse(range, of: key)
    }
    let object: S3Client.OpenObject
    do {
      object = try await client.getObject(names.objectKey(of: key).name, range: range)
    } catch {
      if let range, error.refusal?.kind == .invalidRange { return try await refuse(range, of: key) }
      throw error.blobStoreError(key, "reading an object")
    }
    let info = Self.info(key, object.head)
    let wanted = try info.resolve(range)
    guard object.range.lowerBound <= wanted.lowerBound, object.range.upperBound >= wanted.upperBound else {
      object.body.cancel()
      throw BlobStoreError(
        .unexpected, key: key, message: "bytes \(wanted) wanted, the server sends \(object.range)")
    }
    let reader = BlobReader(
      info: info, range: wanted,
      chunks: BlobChunks(ObjectChunks(body: object.body, sent: object.range, wanted: wanted, key: key)))
    guard wanted == 0..<info.size, info.size <= Self.smallObject else { return reader }
    return try await verified(reader, object.head)
  }

  /// Up to this many bytes, an object is read whole and checked before anybody sees it.
  private static let smallObject: Int64 = 256 << 10

  /// A small object whose bytes belong to its head. A server that replaces it at the same time may send the new bytes
  /// with the old head, and then the same call gives the right ones later.
  private func verified(
    _ reader: BlobReader, _ head: S3Client.ObjectHead
  ) async throws(BlobStoreError) -> BlobReader {
    let key = reader.info.key
    let bytes = try await reader.collect(upTo: Int(Self.smallObject))
    let found = Hex.encode(SHA256Hasher.digest(of: bytes.readableBytesView))
    if let digest = head.sha256 {
      try Self.check(
        found == digest, key, "SHA-256 \(digest) was stored with the object, its bytes have \(found)")
    } else {
      try await confirm(head, found, key)
    }
    return BlobReader(
      info: reader.info, range: reader.range, chunks: BlobChunks(BufferChunks(bytes: bytes)))
  }

  /// Asks once more what the object is, where the answer did not tell its digest: others have stored it, or it is
  /// being replaced on a server that shows an object before its metadata (MinIO's gateway does).
  private func confirm(
    _ head: S3Client.ObjectHead, _ found: String, _ key: BlobKey
  ) async throws(BlobStoreError) {
    let now: S3Client.ObjectHead
    do throws(S3Failure) {
      now = try await client.headObject(names.objectKey(of: key).name)
    } catch {
      throw error.blobStoreError(key, "asking what an object is, after reading it")
    }
    try Self.check(
      now.size == head.size && now.etag == head.etag && (now.sha256 ?? found) == found, key,
      "the object was replaced while it was read")
  }

  private static func check(
    _ isRight: Bool, _ key: BlobKey, _ message: @autoclosure () -> String
  ) throws(BlobStoreError) {
    if !isRight { throw BlobStoreError(.unavailable, key: key, message: message()) }
  }

  /// Finds out how long the blob is, to say why the range is not in it.
  private func refuse(_ range: Range<Int64>, of key: BlobKey) async throws(BlobStoreError) -> BlobReader {
    let info = try await info(key)
    _ = try info.resolve(range)
    throw BlobStoreError(
      .unavailable, key: key, message: "the server refuses the range \(range) of \(info.size) bytes")
  }
}

/// An answer's body as a blob's chunks: cut to 64 KiB, to the bytes wanted, and counted.
private struct ObjectChunks: AsyncSequence, Sendable {
  typealias Element = ByteBuffer
  typealias Failure = BlobStoreError

  let body: HTTPResponseBody
  let sent: Range<Int64>
  let wanted: Range<Int64>
  let key: BlobKey

  func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(chunks: body.makeAsyncIterator(), position: sent.lowerBound, wanted: wanted, key: key)
  }

  struct AsyncIterator: AsyncIteratorProtocol {
    var chunks: HTTPResponseBody.Iterator
    /// Where in the object the next byte from the network lies.
    var position: Int64
    let wanted: Range<Int64>
    let key: BlobKey
    var rest = ByteBuffer()
    var isAtEnd = false

    mutating func next(isolation actor: isolated (any Actor)?) async throws(BlobStoreError) -> ByteBuffer? {
      while rest.readableBytes == 0 {
        if isAtEnd { return nil }
        try await receive(isolation: actor)
      }
      return rest.readSlice(length: Swift.min(rest.readableBytes, BlobChunks.maximumChunkSize))
    }

    mutating func next() async throws(BlobStoreError) -> ByteBuffer? {
      try await next(isolation: nil)
    }

    private mutating func receive(isolation actor: isolated (any Actor)?) async throws(BlobStoreError) {
      let chunk: ByteBuffer?
      do {
        chunk = try await chunks.next(isolation: actor)
      } catch {
        throw S3Failure.transport(error).blobStoreError(key, "reading an object from byte \(position) on")
      }
      guard var chunk else {
        isAtEnd = true
        guard position >= wanted.upperBound else {
          throw BlobStoreError(
            .damaged, key: key, message: "the object ended at byte \(position), before \(wanted.upperBound)")
        }
        return
      }
      let start = position
      position += Int64(chunk.readableBytes)
      if start < wanted.lowerBound {
        chunk.moveReaderIndex(
          forwardBy: Int(Swift.min(wanted.lowerBound - start, Int64(chunk.readableBytes))))
      }
      let surplus = Int(Swift.max(0, Swift.min(position - wanted.upperBound, Int64(chunk.readableBytes))))
      chunk.moveWriterIndex(to: chunk.writerIndex - surplus)
      rest = chunk
      // What a server sends beyond the range is not waited for.
      if position > wanted.upperBound { isAtEnd = true }
    }
  }
}
