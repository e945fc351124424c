import Backends
import NIOCore

/// What `delete` promises.
enum DeleteChecks {
  static let all = [removes, missing, onlyItsKey, thenPut]

  private static let removes = ConformanceCheck(
    "delete.removes", "After a delete no verb finds the blob."
  ) { store, context in
    let key = try context.key("folder/blob")
    try await store.put(.bytes(context.bytes(100)), at: key)
    try await store.delete(key)
    try await store.expectNothing(at: key)
  }

  private static let missing = ConformanceCheck(
    "delete.missing",
    "Deleting what is not there succeeds, also twice, and where its folder is not there either."
  ) { store, context in
    let key = try context.key("blob")
    try await store.put(.bytes(context.bytes(100)), at: key)
    try await store.delete(key)
    try await store.delete(key)
    try await store.delete(context.key("no/such/folder/blob"))
    try await store.delete(context.key("blob/below"))
  }

  private static let onlyItsKey = ConformanceCheck(
    "delete.onlyItsKey",
    "A delete removes one blob, not those whose keys begin with its key, nor its neighbours."
  ) { store, context in
    let names = ["a", "a/b", "a/b/c", "a/bc", "ab", "a.b"]
    for gone in names {
      for name in names { try await store.put(.bytes(context.bytes(10)), at: context.key(name)) }
      try await store.delete(context.key(gone))
      let left = try await store.list(prefix: context.prefix).collect().map(\.key)
      let expected = try names.filter { $0 != gone }.map { try context.key($0) }.sorted()
      try expect(left == expected, "after deleting '\(gone)': \(expected) expected, \(left) left")
    }
  }

  private static let thenPut = ConformanceCheck(
    "delete.thenPut", "A deleted key may be put again."
  ) { store, context in
    let key = try context.key("folder/blob")
    for seed in 1...3 as ClosedRange<UInt64> {
      try await store.put(.bytes(context.bytes(1000, seed: seed)), at: key)
      try await store.expect(context.bytes(1000, seed: seed), at: key)
      try await store.delete(key)
    }
    try await store.expectNothing(at: key)
  }
}
