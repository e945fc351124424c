public import Backends
import Foundation
import Locks
public import NIOCore

/// What a check works with: keys under a prefix of its own, bytes to store, files to store, and expectations.
public final class ConformanceContext: Sendable {
  /// What all keys of the check begin with; ends in `/`.
  public let prefix: String
  private let keys = Guarded<Set<BlobKey>>([])
  private let files = Guarded<[String]>([])

  /// A context for one check.
  public init(prefix: String) {
    self.prefix = prefix
  }

  /// The key `prefix` + `name`; its blob is removed after the check.
  public func key(_ name: String) throws(BlobStoreError) -> BlobKey {
    let key = try BlobKey(prefix + name)
    keys.withLock { _ = $0.insert(key) }
    return key
  }

  /// `count` bytes, the same for the same `seed`, in which every stretch of 16 is found at one place only.
  ///
  /// Blocks of 4 KiB without a pattern (SplitMix64), numbered; a byte by byte generator would be too slow in
  /// debug builds.
  public func bytes(_ count: Int, seed: UInt64 = 1) -> ByteBuffer {
    var block = ByteBufferAllocator().buffer(capacity: 4088)
    var state = seed
    for _ in 0..<511 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      block.writeInteger(mixed ^ (mixed >> 31))
    }
    var buffer = ByteBufferAllocator().buffer(capacity: count + 4096)
    for number in 0..<UInt64(count / 4096 + 1) {
      buffer.writeInteger(number)
      buffer.writeImmutableBuffer(block)
    }
    return buffer.getSlice(at: buffer.readerIndex, length: count) ?? buffer
  }

  /// A new file with these bytes, outside of the store; removed after the check.
  public func file(_ bytes: ByteBuffer) throws -> String {
    let path = FileManager.default.temporaryDirectory.path + "/conformance-" + UUID().uuidString
    files.withLock { $0.append(path) }
    try Data(bytes.readableBytesView).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// Whether there is a file at `path`.
  func isFile(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }

  /// How often what is still there is removed again.
  private static let rounds = 3

  /// Removes the check's blobs and files: those it asked keys for, whatever the store lists, and then what the store
  /// lists all the same.
  func cleanUp(_ store: any BlobStore) async throws {
    for path in files.withLock({ $0 }) where isFile(path) {
      try FileManager.default.removeItem(atPath: path)
    }
    var left = Array(keys.withLock { $0 })
    for _ in 1...Self.rounds where !left.isEmpty {
      try await forEachInParallel(left) { key in try await store.delete(key) }
      left = try await store.list(prefix: prefix).collect().map(\.key)
    }
    try expect(
      left.isEmpty,
      "\(left.count) blobs are still there after \(Self.rounds) deletes, the first is '\(left[0])'")
  }

  /// Runs `work` on each element, 16 at a time; throws the first error once all have ended.
  ///
  /// A failure cancels nothing: a server may carry out a put that was given up, after everything else was removed.
  func forEachInParallel<Element: Sendable>(
    _ elements: [Element], _ work: @escaping @Sendable (Element) async throws -> Void
  ) async throws {
    let failure = await withTaskGroup(of: (any Error)?.self) { group -> (any Error)? in
      var failure: (any Error)?
      for (index, element) in elements.enumerated() {
        if index >= 16, let error = await group.next() { failure = failure ?? error }
        group.addTask {
          do {
            try await work(element)
            return nil
          } catch {
            return error
          }
        }
      }
      for await error in group { failure = failure ?? error }
      return failure
    }
    if let failure { throw failure }
  }
}
