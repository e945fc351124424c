import Foundation
import Locks
import NIOCore
import S3Signer

/// A store in this process's memory, gone when it ends: for tests, trials and as the model the others are
/// held to.
public final class MemoryStore: BlobStore {
  /// A blob and when it was put.
  private struct Stored {
    let bytes: ByteBuffer
    let modified: Date
  }

  private let blobs = Guarded<[BlobKey: Stored]>([:])

  /// An empty store.
  public init() {}

  /// Stores the bytes; the last of several puts wins. A file given to be moved is removed.
  public func put(_ body: BlobBody, at key: BlobKey) async throws(BlobStoreError) {
    let bytes = try await Self.collect(body, for: key)
    try Self.check(bytes, against: body, for: key)
    let stored = Stored(bytes: bytes, modified: Date())
    blobs.withLock { $0[key] = stored }
    // The bytes are stored; a file that cannot be removed is no reason to report otherwise.
    if case .file(let path, move: true) = body.source { unlink(path) }
  }

  /// Opens a blob; the reader holds its bytes, whatever happens to the key.
  public func get(_ key: BlobKey, range: Range<Int64>?) async throws(BlobStoreError) -> BlobReader {
    let stored = try stored(key)
    let info = Self.info(key, stored)
    let range = try info.resolve(range)
    let start = stored.bytes.readerIndex + Int(range.lowerBound)
    guard let bytes = stored.bytes.getSlice(at: start, length: range.count) else {
      throw BlobStoreError(.damaged, key: key, message: "range \(range) is not in the buffer")
    }
    return BlobReader(info: info, range: range, chunks: BlobChunks(BufferChunks(bytes: bytes)))
  }

  /// What is known about a blob.
  public func info(_ key: BlobKey) async throws(BlobStoreError) -> BlobInfo {
    Self.info(key, try stored(key))
  }

  /// Removes a blob, if there is one.
  public func delete(_ key: BlobKey) async throws(BlobStoreError) {
    blobs.withLock { _ = $0.removeValue(forKey: key) }
  }

  /// The blobs there are when the first one is asked for.
  public func list(prefix: String) -> BlobListing {
    BlobListing(
      LazyListing {
        self.blobs.withLock { blobs in
          blobs.filter { $0.key.hasPrefix(prefix) }.map { Self.info($0.key, $0.value) }
        }
        .sorted { $0.key < $1.key }
      })
  }

  private func stored(_ key: BlobKey) throws(BlobStoreError) -> Stored {
    guard let stored = blobs.withLock({ $0[key] }) else {
      throw BlobStoreError(.notFound, key: key, message: "no blob in memory has this key")
    }
    return stored
  }

  private static func info(_ key: BlobKey, _ stored: Stored) -> BlobInfo {
    BlobInfo(key: key, size: Int64(stored.bytes.readableBytes), modified: stored.modified)
  }
}

extension MemoryStore {
  /// All bytes of a body, in a buffer of their own.
  private static func collect(
    _ body: BlobBody, for key: BlobKey
  ) async throws(BlobStoreError) -> ByteBuffer {
    do {
      switch body.source {
      case .bytes(let buffer): return buffer
      case .file(let path, _):
        return ByteBuffer(bytes: try Data(contentsOf: URL(fileURLWithPath: path)))
      case .stream(let stream):
        var whole = ByteBuffer()
        for try await var chunk in stream { whole.writeBuffer(&chunk) }
        return whole
      }
    } catch {
      throw BlobStoreError(
        .unexpected, key: key, message: "the bytes to store could not be read", underlying: error)
    }
  }

  /// Refuses bytes that are not those announced.
  private static func check(
    _ bytes: ByteBuffer, against body: BlobBody, for key: BlobKey
  ) throws(BlobStoreError) {
    if let size = body.size, size != Int64(bytes.readableBytes) {
      throw BlobStoreError(
        .digestMismatch, key: key, message: "\(size) bytes announced, \(bytes.readableBytes) given")
    }
    if let sha256 = body.sha256 {
      let found = Hex.encode(SHA256Hasher.digest(of: bytes.readableBytesView))
      if found != sha256 {
        throw BlobStoreError(
          .digestMismatch, key: key, message: "SHA-256 \(sha256) announced, the bytes have \(found)")
      }
    }
  }
}

/// A listing made whole when its first element is asked for.
private struct LazyListing: AsyncSequence, Sendable {
  typealias Element = BlobInfo
  typealias Failure = BlobStoreError

  let make: @Sendable () -> [BlobInfo]

  init(_ make: @escaping @Sendable () -> [BlobInfo]) {
    self.make = make
  }

  struct AsyncIterator: AsyncIteratorProtocol {
    let make: @Sendable () -> [BlobInfo]
    var rest: ArraySlice<BlobInfo>?

    mutating func next(isolation actor: isolated (any Actor)?) async throws(BlobStoreError) -> BlobInfo? {
      var blobs = rest ?? make()[...]
      defer { rest = blobs }
      return blobs.popFirst()
    }

    mutating func next() async throws(BlobStoreError) -> BlobInfo? {
      try await next(isolation: nil)
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(make: make) }
}
