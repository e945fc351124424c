import Backends
import NIOCore

/// What `list` promises.
enum ListChecks {
  static let all = [order, complete, prefixIsBytes, nothing, sizes, afterChange]

  private static let order = ConformanceCheck(
    "list.order", "Keys come in the order of their UTF-8 bytes, not folder by folder and not by collation."
  ) { store, context in
    let names = [
      "a", "a b", "a!", "a-b", "a-b/c", "a.b", "a/b", "a/b/c", "a/b-c", "a0", "aB", "ab", "A", "Z/a", "z",
      "é", "ä", "中/文",
      "\u{FFFD}", "\u{1F600}", "a/\u{1F600}", "10", "9", "a.conda/b", "a.conda", "a.conda-x", "_", "~",
    ]
    try await context.forEachInParallel(names) { name in
      try await store.put(.bytes(ByteBuffer(string: name)), at: context.key(name))
    }
    let listed = try await store.list(prefix: context.prefix).collect().map(\.key)
    let expected = try names.map { try context.key($0) }.sorted()
    try expect(listed == expected, "expected \(expected), listed \(listed)")
  }

  private static let complete = ConformanceCheck(
    "list.complete", "More blobs than fit a page (S3: 1,000) are all listed, each once."
  ) { store, context in
    let names = (0..<1_030).map { "\($0 % 7)/blob\($0)" }
    try await context.forEachInParallel(names) { name in
      try await store.put(.bytes(ByteBuffer()), at: context.key(name))
    }
    let listed = try await store.list(prefix: context.prefix).collect().map(\.key)
    let expected = try names.map { try context.key($0) }.sorted()
    try expect(listed == expected, "\(expected.count) blobs put, \(listed.count) listed, or in another order")
  }

  private static let prefixIsBytes = ConformanceCheck(
    "list.prefixIsBytes", "A prefix is compared byte by byte and need not end at a `/`."
  ) { store, context in
    for name in ["ab", "abc", "ab/c", "ab.d", "a", "aB", "b/ab", "aé"] {
      try await store.put(.bytes(ByteBuffer()), at: context.key(name))
    }
    for (prefix, names) in [
      ("ab", ["ab", "ab.d", "ab/c", "abc"]), ("ab/", ["ab/c"]), ("ab/c", ["ab/c"]), ("b", ["b/ab"]),
      ("a", ["a", "aB", "ab", "ab.d", "ab/c", "abc", "aé"]), ("ae", []), ("/", []),
    ] {
      let listed = try await store.list(prefix: context.prefix + prefix).collect().map(\.key)
      let expected = try names.map { try context.key($0) }
      try expect(listed == expected, "prefix '\(prefix)': expected \(expected), listed \(listed)")
    }
  }

  private static let nothing = ConformanceCheck(
    "list.nothing", "A prefix that no key has lists nothing and is no error."
  ) { store, context in
    for prefix in ["nothing/", "nothing", "no/such/folder/"] {
      let listed = try await store.list(prefix: context.prefix + prefix).collect()
      try expect(listed.isEmpty, "nothing expected, listed \(listed)")
    }
  }

  private static let sizes = ConformanceCheck(
    "list.sizes", "Every blob is listed with its size."
  ) { store, context in
    for size in [0, 1, 70_000] {
      try await store.put(.bytes(context.bytes(size)), at: context.key("blob\(size)"))
    }
    let sizes = try await store.list(prefix: context.prefix).collect().map(\.size)
    try expect(sizes == [0, 1, 70_000], "sizes 0, 1, 70000 expected, listed \(sizes)")
  }

  private static let afterChange = ConformanceCheck(
    "list.afterChange", "A list sees every put and delete that returned before it."
  ) { store, context in
    let keys = try ["a", "b/c", "d"].map { try context.key($0) }
    for count in keys.indices {
      try await store.put(.bytes(ByteBuffer()), at: keys[count])
      let listed = try await store.list(prefix: context.prefix).collect().map(\.key)
      try expect(listed == Array(keys[...count]), "after a put: expected \(keys[...count]), listed \(listed)")
    }
    try await store.delete(keys[1])
    let listed = try await store.list(prefix: context.prefix).collect().map(\.key)
    try expect(listed == [keys[0], keys[2]], "after a delete: listed \(listed)")
  }
}
