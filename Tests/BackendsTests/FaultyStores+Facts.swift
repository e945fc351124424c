import Backends
import Foundation
import NIOCore

// Faults of the verbs that move no bytes, of keys, and of calls at the same time.
extension FaultyStores {
  static let infos = [
    Fault("info.facts", "remembers the first size") {
      let infos = SharedTable<BlobKey, BlobInfo>()
      return FaultyStore(onInfo: { memory, key throws(BlobStoreError) in
        infos.keep(try await memory.info(key), for: key)
      })
    },
    Fault("info.agrees", "makes a new ETag for each call") {
      FaultyStore(onInfo: { memory, key throws(BlobStoreError) in
        let info = try await memory.info(key)
        return BlobInfo(key: key, size: info.size, modified: info.modified, etag: UUID().uuidString)
      })
    },
    Fault("info.missing", "knows an empty blob where there is none") {
      FaultyStore(onInfo: { memory, key throws(BlobStoreError) in
        (try? await memory.info(key)) ?? BlobInfo(key: key, size: 0, modified: Date())
      })
    },
    Fault("info.modified", "counts from 1970") {
      FaultyStore(onInfo: { memory, key throws(BlobStoreError) in
        BlobInfo(key: key, size: try await memory.info(key).size, modified: Date(timeIntervalSince1970: 0))
      })
    },
  ]

  static let deletes = [
    Fault("delete.removes", "reads deleted blobs from a cache") {
      let readers = SharedTable<BlobKey, BlobReader>()
      return FaultyStore(
        onPut: { memory, body, key throws(BlobStoreError) in
          try await memory.put(body, at: key)
          _ = readers.keep(try await memory.get(key), for: key)
        },
        onGet: { memory, key, range throws(BlobStoreError) in
          if range == nil, let reader = readers[key] { return reader }
          return try await memory.get(key, range: range)
        })
    },
    Fault("delete.missing", "refuses to delete nothing") {
      FaultyStore(onDelete: { memory, key throws(BlobStoreError) in
        _ = try await memory.info(key)
        try await memory.delete(key)
      })
    },
    Fault("delete.onlyItsKey", "deletes what is below the key, too") {
      FaultyStore(onDelete: { memory, key throws(BlobStoreError) in
        for blob in try await memory.list(prefix: key.value + "/").collect() {
          try await memory.delete(blob.key)
        }
        try await memory.delete(key)
      })
    },
    Fault("delete.thenPut", "remembers a deletion longer than the next put") {
      let deleted = SharedTable<BlobKey, Bool>()
      return FaultyStore(
        onPut: { memory, body, key throws(BlobStoreError) in
          if deleted[key] == nil { try await memory.put(body, at: key) }
        },
        onDelete: { memory, key throws(BlobStoreError) in
          _ = deleted.keep(true, for: key)
          try await memory.delete(key)
        })
    },
  ]

  static let lists = [
    Fault("list.order", "lists folder by folder") {
      FaultyStore(onList: { blobs, prefix throws(BlobStoreError) in
        blobs.filter { $0.key.hasPrefix(prefix) }.sorted { left, right in
          left.key.value.split(separator: "/").lexicographicallyPrecedes(
            right.key.value.split(separator: "/"))
        }
      })
    },
    Fault("list.complete", "lists the first page") {
      FaultyStore(onList: { blobs, prefix throws(BlobStoreError) in
        Array(blobs.filter { $0.key.hasPrefix(prefix) }.prefix(1000))
      })
    },
    Fault("list.prefixIsBytes", "takes the prefix for a folder") {
      FaultyStore(onList: { blobs, prefix throws(BlobStoreError) in
        let folder = prefix.hasSuffix("/") ? prefix : prefix + "/"
        return blobs.filter { $0.key.value == prefix || $0.key.hasPrefix(folder) }
      })
    },
    Fault("list.nothing", "reports that a folder is missing") {
      FaultyStore(onList: { blobs, prefix throws(BlobStoreError) in
        let found = blobs.filter { $0.key.hasPrefix(prefix) }
        if found.isEmpty { throw BlobStoreError(.notFound, message: "no such folder") }
        return found
      })
    },
    Fault("list.sizes", "knows no sizes") {
      FaultyStore(onList: { blobs, prefix throws(BlobStoreError) in
        blobs.filter { $0.key.hasPrefix(prefix) }.map {
          BlobInfo(key: $0.key, size: 0, modified: $0.modified)
        }
      })
    },
    Fault("list.afterChange", "lists from a cache") {
      let listings = SharedTable<String, [BlobInfo]>()
      return FaultyStore(onList: { blobs, prefix throws(BlobStoreError) in
        listings.keep(blobs.filter { $0.key.hasPrefix(prefix) }, for: prefix)
      })
    },
  ]

  static let keys = [
    Fault("keys.independent", "makes a folder where a blob is") {
      FaultyStore(onPut: { memory, body, key throws(BlobStoreError) in
        var segments = key.value.split(separator: "/")
        while segments.popLast() != nil, let folder = try? BlobKey(segments.joined(separator: "/")) {
          try await memory.delete(folder)
        }
        try await memory.put(body, at: key)
      })
    },
    Fault("keys.characters", "decodes percent signs") {
      FaultyStore(rename: { key throws(BlobStoreError) in
        (try? BlobKey(key.value.removingPercentEncoding ?? key.value)) ?? key
      })
    },
    Fault("keys.byteEquality", "composes characters") {
      FaultyStore(rename: { key throws(BlobStoreError) in
        try BlobKey(key.value.precomposedStringWithCanonicalMapping)
      })
    },
    Fault("keys.caseSensitive", "folds case") {
      FaultyStore(rename: { key throws(BlobStoreError) in try BlobKey(key.value.lowercased()) })
    },
    Fault("keys.long", "takes segments of 255 bytes at most") {
      FaultyStore(onPut: { memory, body, key throws(BlobStoreError) in
        if key.value.utf8.split(separator: UInt8(ascii: "/")).contains(where: { $0.count > 255 }) {
          throw BlobStoreError(.invalidKey, message: "name too long")
        }
        try await memory.put(body, at: key)
      })
    },
  ]

  static let concurrency = [
    Fault("concurrency.manyKeys", "takes one put at a time and refuses others") { oneAtATime { _ in "" } },
    Fault("concurrency.sameKey", "takes one put of a key at a time and refuses others") {
      oneAtATime { $0.value }
    },
    Fault("concurrency.readWhileReplacing", "deletes the old blob before it puts the new one") {
      FaultyStore(onPut: { memory, body, key throws(BlobStoreError) in
        try await memory.delete(key)
        await letOthersRun()
        try await memory.put(body, at: key)
      })
    },
    Fault("concurrency.putWhileDeleting", "removes the folder with all that came into it meanwhile") {
      FaultyStore(
        onPut: { memory, body, key throws(BlobStoreError) in
          try await memory.put(body, at: key)
          await letOthersRun()
        },
        onDelete: { memory, key throws(BlobStoreError) in
          let folder = key.value.prefix(upTo: key.value.lastIndex(of: "/") ?? key.value.startIndex)
          await letOthersRun()
          for blob in try await memory.list(prefix: folder + "/").collect() {
            try await memory.delete(blob.key)
          }
        })
    },
  ]

  /// Puts that `group` gives the same name must not overlap, or the later one fails.
  private static func oneAtATime(_ group: @escaping @Sendable (BlobKey) -> String) -> FaultyStore {
    let running = SharedTable<String, SharedCount>()
    return FaultyStore(onPut: { memory, body, key throws(BlobStoreError) in
      let count = running.keep(SharedCount(), for: group(key))
      defer { count.add(-1) }
      if count.add(1) > 1 { throw BlobStoreError(.unavailable, message: "busy") }
      await letOthersRun()
      try await memory.put(body, at: key)
    })
  }

  /// Long enough for other tasks to come in between, without sleeping.
  private static func letOthersRun() async {
    for _ in 1...50 { await Task.yield() }
  }
}
