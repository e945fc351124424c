import Backends
import Locks
import NIOCore

/// A store in memory, of which single verbs can be replaced by faulty ones.
struct FaultyStore: BlobStore {
  typealias Put = @Sendable (MemoryStore, BlobBody, BlobKey) async throws(BlobStoreError) -> Void
  typealias Get = @Sendable (MemoryStore, BlobKey, Range<Int64>?) async throws(BlobStoreError) -> BlobReader
  typealias Info = @Sendable (MemoryStore, BlobKey) async throws(BlobStoreError) -> BlobInfo
  typealias Delete = @Sendable (MemoryStore, BlobKey) async throws(BlobStoreError) -> Void
  typealias List = @Sendable ([BlobInfo], String) throws(BlobStoreError) -> [BlobInfo]

  let memory = MemoryStore()
  var onPut: Put = { memory, body, key throws(BlobStoreError) in try await memory.put(body, at: key) }
  var onGet: Get = { memory, key, range throws(BlobStoreError) in try await memory.get(key, range: range) }
  var onInfo: Info = { memory, key throws(BlobStoreError) in try await memory.info(key) }
  var onDelete: Delete = { memory, key throws(BlobStoreError) in try await memory.delete(key) }
  /// From all blobs there are, in order, and the prefix, what is listed.
  var onList: List = { blobs, prefix throws(BlobStoreError) in blobs.filter { $0.key.hasPrefix(prefix) } }
  /// The key that is used in the place of another.
  var rename: @Sendable (BlobKey) throws(BlobStoreError) -> BlobKey = { key throws(BlobStoreError) in key }

  func put(_ body: BlobBody, at key: BlobKey) async throws(BlobStoreError) {
    try await onPut(memory, body, try rename(key))
  }

  func get(_ key: BlobKey, range: Range<Int64>?) async throws(BlobStoreError) -> BlobReader {
    try await onGet(memory, try rename(key), range)
  }

  func info(_ key: BlobKey) async throws(BlobStoreError) -> BlobInfo {
    try await onInfo(memory, try rename(key))
  }

  func delete(_ key: BlobKey) async throws(BlobStoreError) {
    try await onDelete(memory, try rename(key))
  }

  func list(prefix: String) -> BlobListing {
    BlobListing(
      LateListing { () throws(BlobStoreError) in
        try onList(try await memory.list(prefix: "").collect(), prefix)
      })
  }
}

/// A listing made when its first element is asked for.
private struct LateListing: AsyncSequence, Sendable {
  typealias Element = BlobInfo
  typealias Failure = BlobStoreError

  let make: @Sendable () async throws(BlobStoreError) -> [BlobInfo]

  init(_ make: @escaping @Sendable () async throws(BlobStoreError) -> [BlobInfo]) {
    self.make = make
  }

  struct AsyncIterator: AsyncIteratorProtocol {
    let make: @Sendable () async throws(BlobStoreError) -> [BlobInfo]
    var rest: ArraySlice<BlobInfo>?

    mutating func next(isolation actor: isolated (any Actor)?) async throws(BlobStoreError) -> BlobInfo? {
      if rest == nil { rest = try await make()[...] }
      return rest?.popFirst()
    }

    mutating func next() async throws(BlobStoreError) -> BlobInfo? { try await next(isolation: nil) }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(make: make) }
}

/// Chunks made when the first one is asked for.
struct LateChunks: AsyncSequence, Sendable {
  typealias Element = ByteBuffer
  typealias Failure = BlobStoreError

  let make: @Sendable () async throws(BlobStoreError) -> [ByteBuffer]

  struct AsyncIterator: AsyncIteratorProtocol {
    let make: @Sendable () async throws(BlobStoreError) -> [ByteBuffer]
    var rest: ArraySlice<ByteBuffer>?

    mutating func next(isolation actor: isolated (any Actor)?) async throws(BlobStoreError) -> ByteBuffer? {
      if rest == nil { rest = try await make()[...] }
      return rest?.popFirst()
    }

    mutating func next() async throws(BlobStoreError) -> ByteBuffer? { try await next(isolation: nil) }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(make: make) }
}

/// A number shared by the calls of a faulty store.
final class SharedCount: Sendable {
  private let value = Guarded(0)

  /// Adds `difference` and gives the sum.
  @discardableResult
  func add(_ difference: Int) -> Int {
    value.withLock {
      $0 += difference
      return $0
    }
  }
}

/// A dictionary shared by the calls of a faulty store.
final class SharedTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let values = Guarded<[Key: Value]>([:])

  /// The value kept for `key`; `value` is kept if there was none.
  func keep(_ value: Value, for key: Key) -> Value {
    values.withLock {
      let kept = $0[key] ?? value
      $0[key] = kept
      return kept
    }
  }

  subscript(key: Key) -> Value? { values.withLock { $0[key] } }
}
