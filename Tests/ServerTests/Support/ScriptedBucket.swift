import Backends
import CondaTypes
import Foundation
import HTTPTypes
import Locks
import NIOCore
import Server

/// A store in memory that is not on local disk, hands out URLs, and breaks off or lies when told to.
final class ScriptedBucket: PresigningBlobStore {
  /// What goes wrong with the next calls of `get`, first come, first served.
  enum Fault: Sendable {
    /// Refused before the first byte.
    case refuses(BlobStoreError.Kind)
    /// Ends with an error after so many bytes.
    case breaksOff(after: Int)
    /// One bit of the last byte is wrong.
    case lies
  }

  let base = MemoryStore()
  private let faults = Guarded<[Fault]>([])
  private let asked = Guarded<[Range<Int64>?]>([])

  /// The ranges that `get` was asked for.
  var ranges: [Range<Int64>?] { asked.withLock { $0 } }

  func schedule(_ faults: Fault...) { self.faults.withLock { $0 += faults } }

  /// This store as a deployment's.
  func storage(redirect: RedirectPolicy.Credentials? = nil, publicBase: String? = nil) -> PackageStorage {
    PackageStorage(
      place: StoragePlace(s3: nil), store: guarded,
      redirect: redirect.map {
        DownloadRedirect(
          policy: RedirectPolicy(credentials: $0), target: .presigned(self, lifetime: .seconds(60)),
          publicBase: publicBase)
      })
  }

  /// With retries and verification around it, as a bucket has; no try waits.
  private var guarded: any BlobStore {
    var policy = RetryPolicy(budget: .seconds(60))
    let clock = Guarded(Duration.zero)
    policy.now = { clock.withLock { $0 } }
    policy.sleep = { wait in clock.withLock { $0 += max(wait, .seconds(15)) } }
    policy.random = { 1 }
    return VerifyingStore(RetryingStore(self, policy: policy)) { BlobLayout.digest(of: $0)?.hex }
  }

  func put(_ body: BlobBody, at key: BlobKey) async throws(BlobStoreError) {
    try await base.put(body, at: key)
  }
  func info(_ key: BlobKey) async throws(BlobStoreError) -> BlobInfo { try await base.info(key) }
  func delete(_ key: BlobKey) async throws(BlobStoreError) { try await base.delete(key) }
  func list(prefix: String) -> BlobListing { base.list(prefix: prefix) }

  func get(_ key: BlobKey, range: Range<Int64>?) async throws(BlobStoreError) -> BlobReader {
    asked.withLock { $0.append(range) }
    let fault = faults.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    if case .refuses(let kind) = fault { throw BlobStoreError(kind, key: key, message: "as scripted") }
    let reader = try await base.get(key, range: range)
    guard let fault else { return reader }
    let bytes = try await reader.collect(upTo: 1 << 30)
    return BlobReader(
      info: reader.info, range: reader.range, chunks: BlobChunks(FaultyChunks(bytes: bytes, fault: fault)))
  }

  func presignedURL(
    for key: BlobKey, method: HTTPRequest.Method, expiresIn lifetime: Duration, responseFields: HTTPFields
  ) async throws(BlobStoreError) -> String {
    "http://bucket.example/\(key)?method=\(method)&expires=\(lifetime.components.seconds)&signature=s3cr3t"
  }
}

/// The bytes in chunks of 64 KiB, with a fault.
private struct FaultyChunks: AsyncSequence, Sendable {
  typealias Element = ByteBuffer
  typealias Failure = BlobStoreError

  let bytes: ByteBuffer
  let fault: ScriptedBucket.Fault

  func makeAsyncIterator() -> Iterator { Iterator(bytes: bytes, fault: fault) }

  struct Iterator: AsyncIteratorProtocol {
    var bytes: ByteBuffer
    let fault: ScriptedBucket.Fault
    var sent = 0

    mutating func next(isolation actor: isolated (any Actor)?) async throws(BlobStoreError) -> ByteBuffer? {
      var length = Swift.min(BlobChunks.maximumChunkSize, bytes.readableBytes)
      if case .breaksOff(let limit) = fault {
        length = Swift.min(length, limit - sent)
        if length == 0 { throw BlobStoreError(.unavailable, message: "reset, as scripted") }
      }
      guard length > 0, var chunk = bytes.readSlice(length: length) else { return nil }
      sent += length
      if case .lies = fault, bytes.readableBytes == 0 {
        let last = chunk.writerIndex - 1
        chunk.setInteger(chunk.getInteger(at: last, as: UInt8.self).map { $0 ^ 1 } ?? 0, at: last)
      }
      return chunk
    }

    mutating func next() async throws(BlobStoreError) -> ByteBuffer? { try await next(isolation: nil) }
  }
}
