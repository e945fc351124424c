import Backends
import CondaTypes
import Foundation
import NIOCore
import NIOPosix
import Server
import Testing

@Suite struct DocumentTrustTests {
  private static let bytes = Array("a derived file".utf8)

  /// A trust in files of a temporary folder, one of which is there.
  private static func with(
    _ body: (DocumentTrust, FileSystemStore, Digest) async throws -> Void
  ) async throws {
    let folder = NSTemporaryDirectory() + "quetz-trust-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try FileSystemStore(root: folder, durability: .processCrash)
    let threads = NIOThreadPool(numberOfThreads: 1)
    threads.start()
    let digest = try Digest(sha256Hex: "015422ad733175af6e005da928d4a3d58f4aca99cd43fdb4ee61185c27b7aa5c")
    try store.putNow(ByteBuffer(bytes: bytes), at: BlobLayout.key(for: digest))
    try await body(DocumentTrust(documents: store, threads: threads), store, digest)
    try await threads.shutdownGracefully()
  }

  private static func damage(_ digest: Digest, in store: FileSystemStore) throws {
    try store.putNow(ByteBuffer(bytes: Array("other bytes".utf8)), at: BlobLayout.key(for: digest))
  }

  private static func isServed(_ digest: Digest, by trust: DocumentTrust) async throws -> Bool {
    do {
      try await trust.require(digest)
      return true
    } catch let error as BlobStoreError where error.kind == .notFound {
      return false
    }
  }

  @Test func aSoundFileIsLookedAtOnce() async throws {
    try await Self.with { trust, store, digest in
      #expect(!trust.isProven(digest))
      #expect(try await Self.isServed(digest, by: trust))
      #expect(trust.isProven(digest))
      #expect(!trust.isComplete)
      // Nobody but this process writes to the folder: what was sound stays so.
      try Self.damage(digest, in: store)
      #expect(try await Self.isServed(digest, by: trust))
    }
  }

  @Test func aDamagedFileIsRemovedAndServedOnceItIsThereAgain() async throws {
    try await Self.with { trust, store, digest in
      try Self.damage(digest, in: store)
      #expect(try await !Self.isServed(digest, by: trust))
      await #expect(throws: BlobStoreError.self) { try await store.info(BlobLayout.key(for: digest)) }
      #expect(try await !Self.isServed(digest, by: trust))
      try store.putNow(ByteBuffer(bytes: Self.bytes), at: BlobLayout.key(for: digest))
      #expect(try await Self.isServed(digest, by: trust))
    }
  }

  @Test func whatIsNoFileIsRemovedToo() async throws {
    try await Self.with { trust, store, digest in
      let path = store.localPath(of: try BlobLayout.key(for: digest))
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/null")
      #expect(try await !Self.isServed(digest, by: trust))
      #expect((try? FileManager.default.attributesOfItem(atPath: path)) == nil)
    }
  }

  @Test func manyWhoAskShareOneLook() async throws {
    try await Self.with { trust, store, digest in
      try Self.damage(digest, in: store)
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for _ in 0..<20 { group.addTask { try await Self.isServed(digest, by: trust) } }
        for try await isServed in group { #expect(!isServed) }
      }
    }
  }

  @Test func everythingUpToTheFrontierIsProven() async throws {
    try await Self.with { trust, _, digest in
      func neighbour(_ byte: UInt8) throws -> Digest {
        try Digest(algorithm: .sha256, bytes: digest.bytes.dropLast() + [byte])
      }
      let last = try #require(digest.bytes.last)
      trust.advance(to: try neighbour(last - 1))
      #expect(!trust.isProven(digest))
      trust.advance(to: digest)
      #expect(trust.isProven(digest))
      #expect(try !trust.isProven(neighbour(last + 1)))
      trust.advance(to: try neighbour(last - 1))
      #expect(trust.isProven(digest))
    }
  }

  @Test func whenItIsCompleteNothingIsLookedAt() async throws {
    try await Self.with { trust, store, digest in
      try Self.damage(digest, in: store)
      trust.complete()
      #expect(trust.isComplete)
      #expect(try await Self.isServed(digest, by: trust))
    }
  }
}
