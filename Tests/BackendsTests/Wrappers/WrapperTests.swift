import Backends
import Locks
import NIOCore
import TestSupport
import Testing

@Suite("Wrappers")
struct WrapperTests {
  /// A policy whose waits take no time and are remembered.
  static func policy(_ waits: Guarded<[Duration]>) -> RetryPolicy {
    var policy = RetryPolicy(budget: .seconds(5))
    policy.now = { waits.withLock { $0.reduce(.zero, +) } }
    policy.sleep = { delay in waits.withLock { $0.append(delay) } }
    policy.random = { 1 }
    return policy
  }

  @Test func whatMaySucceedLaterIsTriedAgainUntilTheBudgetIsSpent() async throws {
    let base = HookedStore(MemoryStore())
    base.before(.info) { _ throws(BlobStoreError) in throw BlobStoreError(.unavailable, message: "busy") }
    let waits = Guarded<[Duration]>([])
    let store = RetryingStore(base, policy: Self.policy(waits))
    #expect(await S3Bench.kind { _ = try await store.info(BlobKey("a")) } == .unavailable)
    #expect(waits.withLock { $0 } == [100, 200, 400, 800, 1600].map { .milliseconds($0) })
  }

  @Test func whatCannotSucceedIsNotTriedAgain() async throws {
    let waits = Guarded<[Duration]>([])
    let store = RetryingStore(MemoryStore(), policy: Self.policy(waits))
    #expect(await S3Bench.kind { _ = try await store.get(BlobKey("a")) } == .notFound)
    #expect(waits.withLock { $0.isEmpty })
  }

  @Test func aWholeReadOfWrongBytesHasNoEnd() async throws {
    let base = MemoryStore()
    let key = try BlobKey("a")
    try await base.put(.bytes(ByteBuffer(repeating: 1, count: 200_000)), at: key)
    let store = VerifyingStore(base) { _ in String(repeating: "0", count: 64) }
    var read = 0
    let kind = await S3Bench.kind {
      for try await chunk in try await store.get(key).chunks { read += chunk.readableBytes }
    }
    #expect(kind == .damaged)
    #expect(read < 200_000)
    #expect(try await store.get(key, range: 0..<10).collect(upTo: 10).readableBytes == 10)
  }

  @Test func everyCallIsReportedOnce() async throws {
    let seen = Guarded<[String]>([])
    let store = ObservedStore(MemoryStore()) { call in
      seen.withLock { $0.append("\(call.verb) \(call.bytes) \(call.failure.map { "\($0)" } ?? "ok")") }
    }
    let key = try BlobKey("a")
    try await store.put(.bytes(ByteBuffer(string: "abc")), at: key)
    _ = try await store.get(key).collect(upTo: 10)
    _ = await S3Bench.kind { _ = try await store.info(BlobKey("b")) }
    _ = try await store.list(prefix: "").collect()
    #expect(seen.withLock { $0 } == ["put 3 ok", "get 3 ok", "info 0 notFound", "list 0 ok"])
  }

  @Test func wrappersKeepTheAbilityToPresign() throws {
    let s3: any BlobStore = RetryingStore(
      ObservedStore(VerifyingStore(try S3Bench([]).store) { _ in nil }) { _ in })
    let memory: any BlobStore = RetryingStore(MemoryStore())
    #expect(s3 is any PresigningBlobStore)
    #expect(!(memory is any PresigningBlobStore))
  }
}
