import CurlHTTP
import Foundation
import Locks
import NIOCore
import S3Signer

extension S3Store {
  /// Stores the bytes, whose SHA-256 is computed here, compared with what `body` announces, and signed.
  ///
  /// One request up to the multipart threshold, and parts above it. A file is never whole in memory; a stream
  /// is up to the threshold or the part size, whichever is less, and then part by part.
  ///
  /// Puts of one key take turns: some servers lose their way when two write one object (decision 0052).
  public func put(_ body: BlobBody, at key: BlobKey) async throws(BlobStoreError) {
    try await turns.run(key) { () throws(BlobStoreError) in try await store(body, at: key) }
  }

  private func store(_ body: BlobBody, at key: BlobKey) async throws(BlobStoreError) {
    switch body.source {
    case .bytes(let buffer):
      try check(size: Int64(buffer.readableBytes), against: body, key)
      let digest = await pool.run { Hex.encode(SHA256Hasher.digest(of: buffer.readableBytesView)) }
      try check(digest: digest, against: body, key)
      try await putWhole(
        S3Client.Payload(body: .bytes(buffer), size: Int64(buffer.readableBytes), sha256: digest), at: key)
    case .file(let path, let mayMove):
      try await putFile(path, body, at: key)
      // The bytes are stored; a file that cannot be removed is no reason to report otherwise.
      if mayMove { await pool.run { _ = unlink(path) } }
    case .stream(let stream):
      try await putStream(stream, body, at: key)
    }
  }

  // MARK: - Files

  private func putFile(_ path: String, _ body: BlobBody, at key: BlobKey) async throws(BlobStoreError) {
    let threshold = configuration.multipartThreshold
    // One trip to the pool, however small the file.
    let (file, size, payload) = try await pool.run {
      () throws(BlobStoreError) -> (OpenFile, Int64, S3Client.Payload?) in
      let (file, size) = try Self.open(path, for: key)
      try self.check(size: size, against: body, key)
      let payload = try size > threshold ? nil : Self.payload(file, path, size)
      return (file, size, payload)
    }
    guard let payload else {
      let parts = FileParts(
        file: file, path: path, size: size, partSize: partSize(for: size), pool: pool,
        hashesWhole: body.sha256 != nil)
      return try await putInParts(parts, body, at: key)
    }
    try check(digest: payload.sha256, against: body, key)
    try await putWhole(payload, at: key)
  }

  /// Opens a file to be stored. That it is missing is the caller's mistake, not a missing blob: `.unexpected`.
  private static func open(_ path: String, for key: BlobKey) throws(BlobStoreError) -> (
    file: OpenFile, size: Int64
  ) {
    do {
      let file = try OpenFile(path, key: key)
      return (file, try file.info().size)
    } catch {
      guard error.kind == .notFound else { throw error }
      throw BlobStoreError(
        .unexpected, key: key, message: "the file to store is missing: \(error.message)", underlying: error)
    }
  }

  /// Hashes a file of one request: a small one is then sent from memory, so that it is read once.
  private static func payload(
    _ file: OpenFile, _ path: String, _ size: Int64
  ) throws(BlobStoreError) -> S3Client.Payload {
    let digest = RunningDigest()
    var offset: Int64 = 0
    var last = ByteBuffer()
    while offset < size {
      let block = try file.read(at: offset, length: Int(min(size - offset, Int64(FileChunks.blockSize))))
      guard block.readableBytes > 0 else {
        throw BlobStoreError(.unexpected, message: "'\(path)' became shorter than \(size) bytes")
      }
      digest.update(block)
      offset += Int64(block.readableBytes)
      last = block
    }
    let isInMemory = Int64(last.readableBytes) == size
    return S3Client.Payload(
      body: isInMemory ? .bytes(last) : .file(path: path, size: size), size: size, sha256: digest.finish())
  }

  // MARK: - Streams

  private func putStream(
    _ stream: any AsyncSequence<ByteBuffer, any Error> & Sendable, _ body: BlobBody, at key: BlobKey
  ) async throws(BlobStoreError) {
    let partSize = Int(partSize(for: body.size ?? 0))
    let parts = StreamParts(stream, partSize: partSize, announced: body.size, key: key, pool: pool)
    let firstSize = min(partSize, Int(max(configuration.multipartThreshold, 0)))
    guard let whole = try await parts.whole(upTo: firstSize) else {
      return try await putInParts(parts, body, at: key)
    }
    try check(size: whole.size, against: body, key)
    try check(digest: whole.sha256, against: body, key)
    // Nobody above can repeat a stream, but here it is in memory.
    try await retry.run { () throws(BlobStoreError) in try await putWhole(whole, at: key) }
  }

  // MARK: - Common

  private func putWhole(_ payload: S3Client.Payload, at key: BlobKey) async throws(BlobStoreError) {
    let (name, metadata) = names.objectKey(of: key)
    let digest = NamedValue(S3Client.ObjectHead.digestName, payload.sha256)
    do {
      try await client.putObject(name, payload, metadata: metadata + [digest])
    } catch {
      let failure = error.blobStoreError(key, "storing an object")
      // Servers that keep objects in folders may lose the folder to a delete beside it in this very moment.
      guard failure.kind == .notFound else { throw failure }
      throw BlobStoreError(.unavailable, key: key, message: failure.message, underlying: error)
    }
  }

  func check(size: Int64, against body: BlobBody, _ key: BlobKey) throws(BlobStoreError) {
    guard let announced = body.size, announced != size else { return }
    throw BlobStoreError(
      .digestMismatch, key: key, message: "\(announced) bytes announced, \(size) given")
  }

  func check(digest: String, against body: BlobBody, _ key: BlobKey) throws(BlobStoreError) {
    guard let announced = body.sha256, announced != digest else { return }
    throw BlobStoreError(
      .digestMismatch, key: key, message: "SHA-256 \(announced) announced, the bytes have \(digest)")
  }

  /// The size of parts for a blob of `size` bytes: as configured, or what makes 10,000 of them enough.
  private func partSize(for size: Int64) -> Int64 {
    max(configuration.partSize, (size + Self.mostParts - 1) / Self.mostParts)
  }

  /// S3's limit.
  static let mostParts: Int64 = 10_000
}
