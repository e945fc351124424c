import Backends
import NIOCore
import TestSupport
import Testing

@Suite struct HookedStoreTests {
  @Test func runsHooksAroundTheVerbs() async throws {
    let memory = MemoryStore()
    let store = HookedStore(memory)
    let key = try BlobKey("a")
    store.before(.put) { _ throws(BlobStoreError) in throw BlobStoreError(.unavailable, message: "before") }
    await #expect(throws: BlobStoreError.self) { try await store.put(.bytes(ByteBuffer()), at: key) }
    #expect(try await memory.list(prefix: "").collect().isEmpty)

    store.before(.put, nil)
    store.after(.put) { _ throws(BlobStoreError) in throw BlobStoreError(.unavailable, message: "after") }
    await #expect(throws: BlobStoreError.self) { try await store.put(.bytes(ByteBuffer()), at: key) }
    #expect(try await memory.list(prefix: "").collect().count == 1)

    store.before(.list) { subject throws(BlobStoreError) in
      if subject == "pre" { try await memory.delete(key) }
    }
    #expect(try await store.list(prefix: "pre").collect().isEmpty)
    #expect(try await memory.list(prefix: "").collect().isEmpty)
  }
}
