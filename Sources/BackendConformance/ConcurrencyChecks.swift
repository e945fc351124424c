import Backends
import NIOCore

/// What is promised when several calls run at the same time.
enum ConcurrencyChecks {
  static let all = [manyKeys, sameKey, readWhileReplacing, putWhileDeleting]

  private static let manyKeys = ConformanceCheck(
    "concurrency.manyKeys", "Puts of different keys at the same time do not disturb each other."
  ) { store, context in
    let seeds = (1...64).map(UInt64.init)
    try await context.forEachInParallel(seeds) { seed in
      try await store.put(.bytes(context.bytes(10_000, seed: seed)), at: context.key("\(seed % 8)/\(seed)"))
    }
    try await context.forEachInParallel(seeds) { seed in
      try await store.expect(context.bytes(10_000, seed: seed), at: context.key("\(seed % 8)/\(seed)"))
    }
  }

  private static let sameKey = ConformanceCheck(
    "concurrency.sameKey", "Of puts of one key at the same time all succeed, and one wins whole."
  ) { store, context in
    let key = try context.key("folder/blob")
    try await context.forEachInParallel((1...16).map(UInt64.init)) { seed in
      let bytes = context.bytes(200_000 + Int(seed), seed: seed)
      try await store.put(.stream(ScriptedStream(bytes, chunkSize: 20_000)), at: key)
    }
    try await expectOneWhole(store, context, key)
  }

  private static let readWhileReplacing = ConformanceCheck(
    "concurrency.readWhileReplacing",
    "Readers of a key that is being replaced see one blob or another, never a mix."
  ) { store, context in
    let key = try context.key("blob")
    try await store.put(.bytes(context.bytes(200_001, seed: 1)), at: key)
    try await context.forEachInParallel((1...48).map(UInt64.init)) { number in
      if number % 3 == 0 {
        let seed = number / 3
        try await store.put(.bytes(context.bytes(200_000 + Int(seed), seed: seed)), at: key)
      } else {
        try await expectOneWhole(store, context, key)
      }
    }
  }

  private static let putWhileDeleting = ConformanceCheck(
    "concurrency.putWhileDeleting", "Puts succeed while the last other blobs beside them are being deleted."
  ) { store, context in
    try await context.forEachInParallel((1...16).map(UInt64.init)) { seed in
      let key = try context.key("deep/er/folder/\(seed)")
      for _ in 1...10 {
        try await store.put(.bytes(context.bytes(100, seed: seed)), at: key)
        try await store.expect(context.bytes(100, seed: seed), at: key)
        try await store.delete(key)
      }
      try await store.expectNothing(at: key)
    }
  }

  /// The blob is one of those made of a seed from 1 to 16, which its size tells.
  private static func expectOneWhole(
    _ store: any BlobStore, _ context: ConformanceContext, _ key: BlobKey
  ) async throws {
    let reader = try await store.get(key)
    let seed = reader.info.size - 200_000
    try expect((1...16).contains(seed), "a blob of \(reader.info.size) bytes, which nobody put")
    try await store.expect(context.bytes(Int(reader.info.size), seed: UInt64(seed)), from: reader)
  }
}
