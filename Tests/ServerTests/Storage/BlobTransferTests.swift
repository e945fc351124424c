import Backends
import CondaTypes
import Locks
import NIOCore
import Server
import TestSupport
import Testing

@Suite struct BlobTransferTests {
  /// Blobs of 100 to 2,000 bytes, and the store that holds them.
  private static func source(_ count: Int) async throws -> (MemoryStore, [BlobTransfer.Blob]) {
    let store = MemoryStore()
    var blobs: [BlobTransfer.Blob] = []
    for number in 0..<count {
      let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 100 * (number % 20 + 1)) + [1]
      let digest = try Digest(sha256Hex: ArchiveWriting.sha256(bytes))
      try await store.put(.bytes(ByteBuffer(bytes: bytes)), at: BlobLayout.key(for: digest))
      blobs.append(BlobTransfer.Blob(sha256: digest, size: Int64(bytes.count)))
    }
    return (store, blobs)
  }

  private static func bytes(_ blob: BlobTransfer.Blob, in store: any BlobStore) async throws -> ByteBuffer {
    try await store.get(BlobLayout.key(for: blob.sha256)).collect(upTo: 1 << 20)
  }

  @Test func copiesEverythingAndLeavesTheSourceAlone() async throws {
    let (source, blobs) = try await Self.source(50)
    let destination = MemoryStore()
    let progress = try await BlobTransfer(from: source, to: destination, parallel: 4).run(blobs)
    #expect(progress.copied == 50)
    #expect(progress.copiedBytes == blobs.reduce(0) { $0 + $1.size })
    #expect(progress.failures.isEmpty)
    for blob in blobs {
      #expect(try await Self.bytes(blob, in: destination) == Self.bytes(blob, in: source))
    }
  }

  @Test func leavesWhatIsThereAndReplacesWhatIsWrong() async throws {
    let (source, blobs) = try await Self.source(10)
    let hooked = HookedStore(MemoryStore())
    _ = try await BlobTransfer(from: source, to: hooked, parallel: 2).run(Array(blobs.prefix(4)))
    // Right in size, wrong in bytes: what a store that does not check may hold after a break.
    let wrong = ByteBuffer(bytes: [UInt8](repeating: 7, count: Int(blobs[4].size)))
    try await hooked.put(.bytes(wrong), at: BlobLayout.key(for: blobs[4].sha256))
    let puts = Guarded(0)
    hooked.before(.put) { _ in puts.withLock { $0 += 1 } }
    let progress = try await BlobTransfer(from: source, to: hooked, parallel: 2).run(blobs)
    #expect((progress.present, progress.copied) == (4, 6))
    #expect(puts.withLock { $0 } == 6)
    #expect(try await Self.bytes(blobs[4], in: hooked) == Self.bytes(blobs[4], in: source))
  }

  @Test func triesAgainAndReportsWhatStaysAway() async throws {
    let (source, blobs) = try await Self.source(5)
    let missing = try BlobLayout.key(for: blobs[2].sha256)
    try await source.delete(missing)
    let hooked = HookedStore(MemoryStore())
    let refusals = Guarded(2)
    hooked.before(.put) { _ throws(BlobStoreError) in
      let refuses = refusals.withLock { left in
        left -= 1
        return left >= 0
      }
      if refuses { throw BlobStoreError(.unavailable, message: "busy") }
    }
    let progress = try await BlobTransfer(from: source, to: hooked, parallel: 1).run(blobs)
    #expect(progress.copied == 4)
    #expect(progress.failures.map(\.blob) == [blobs[2]])
    #expect(progress.failures.first?.error.kind == .notFound)
  }

  @Test func stopsAtOnceWhereThereIsNoRoom() async throws {
    let (source, blobs) = try await Self.source(5)
    let hooked = HookedStore(MemoryStore())
    hooked.before(.put) { _ throws(BlobStoreError) in throw BlobStoreError(.outOfSpace, message: "full") }
    await #expect(throws: BlobStoreError.self) {
      try await BlobTransfer(from: source, to: hooked, parallel: 1).run(blobs)
    }
  }

  @Test func refusesASourceWhoseBytesAreWrong() async throws {
    let (source, blobs) = try await Self.source(1)
    let key = try BlobLayout.key(for: blobs[0].sha256)
    try await source.put(.bytes(ByteBuffer(bytes: [UInt8](repeating: 9, count: Int(blobs[0].size)))), at: key)
    let progress = try await BlobTransfer(from: source, to: MemoryStore(), parallel: 1).run(blobs)
    #expect(progress.failures.count == 1)
  }
}
