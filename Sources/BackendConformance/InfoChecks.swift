import Backends
import Foundation
import NIOCore

/// What `info` promises.
enum InfoChecks {
  static let all = [facts, agrees, missing, modified]

  private static let facts = ConformanceCheck(
    "info.facts", "It has the blob's key and size, also after a replacement."
  ) { store, context in
    let key = try context.key("folder/blob")
    for size in [12_345, 1] {
      try await store.put(.bytes(context.bytes(size)), at: key)
      let info = try await store.info(key)
      try expect(info.key == key, "info of '\(key)' has the key '\(info.key)'")
      try expect(info.size == size, "info of \(size) bytes has the size \(info.size)")
    }
  }

  private static let agrees = ConformanceCheck(
    "info.agrees", "`info`, `get` and `list` say the same about a blob."
  ) { store, context in
    let key = try context.key("blob")
    try await store.put(.bytes(context.bytes(100)), at: key)
    let info = try await store.info(key)
    let opened = try await store.get(key).info
    let listed = try await store.list(prefix: key.value).collect()
    try expect(opened == info, "get says \(opened), info says \(info)")
    try expect(listed == [info], "list says \(listed), info says \(info)")
  }

  private static let missing = ConformanceCheck(
    "info.missing", "A key without a blob is not found, nor is what is only the beginning of a key."
  ) { store, context in
    try await store.put(.bytes(context.bytes(1)), at: context.key("folder/blob"))
    for name in ["missing", "folder", "fold", "folder/blob/more"] {
      let key = try context.key(name)
      try await expectThrow(.notFound, from: "info of '\(name)'") { _ = try await store.info(key) }
    }
  }

  private static let modified = ConformanceCheck(
    "info.modified", "The time of change is that of the put, by the backend's clock, give or take a day."
  ) { store, context in
    let key = try context.key("blob")
    try await store.put(.bytes(context.bytes(1)), at: key)
    let modified = try await store.info(key).modified
    try expect(abs(modified.timeIntervalSinceNow) < 86_400, "a blob just put was changed at \(modified)")
  }
}
