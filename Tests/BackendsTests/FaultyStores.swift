import Backends
import Foundation
import NIOCore
import Testing

/// A store with one deliberate fault, and the check that has to find it.
struct Fault: Sendable, CustomTestStringConvertible {
  let check: String
  let summary: String
  let makeStore: @Sendable () -> FaultyStore

  init(_ check: String, _ summary: String, _ makeStore: @escaping @Sendable () -> FaultyStore) {
    self.check = check
    self.summary = summary
    self.makeStore = makeStore
  }

  var testDescription: String { "\(check): \(summary)" }
}

/// A fault for each check of the conformance suite.
enum FaultyStores {
  static let all = puts + gets + infos + deletes + lists + keys + concurrency

  private static let puts = [
    Fault("put.buffer", "stores what is before the reader index too") {
      FaultyStore(onPut: { memory, body, key throws(BlobStoreError) in
        guard case .bytes(var buffer) = body.source else { return try await memory.put(body, at: key) }
        buffer.moveReaderIndex(to: 0)
        try await memory.put(.bytes(buffer), at: key)
      })
    },
    Fault("put.empty", "takes no bytes for no blob") {
      FaultyStore(onPut: { memory, body, key throws(BlobStoreError) in
        if body.size != 0 { try await memory.put(body, at: key) }
      })
    },
    Fault("put.file", "removes the file it was to copy") {
      FaultyStore(onPut: { memory, body, key throws(BlobStoreError) in
        try await memory.put(body, at: key)
        if case .file(let path, _) = body.source { unlink(path) }
      })
    },
    Fault("put.movedFile", "copies the file it was to move") {
      FaultyStore(onPut: { memory, body, key throws(BlobStoreError) in
        guard case .file(let path, _) = body.source else { return try await memory.put(body, at: key) }
        try await memory.put(.file(path: path, move: false), at: key)
      })
    },
    Fault("put.stream", "takes an empty chunk for the end") {
      onStream { memory, chunks, key throws(BlobStoreError) in
        let upToEmpty = chunks.prefix { $0.readableBytes > 0 }
        try await memory.put(.bytes(joined(Array(upToEmpty))), at: key)
      }
    },
    Fault("put.streamOfUnknownSize", "wants to know the size") {
      FaultyStore(onPut: { memory, body, key throws(BlobStoreError) in
        if body.size == nil { throw BlobStoreError(.unexpected, message: "size needed") }
        try await memory.put(body, at: key)
      })
    },
    Fault("put.replaces", "leaves the end of a longer blob there") {
      FaultyStore(onPut: { memory, body, key throws(BlobStoreError) in
        var old = (try? await memory.get(key).collect(upTo: .max)) ?? ByteBuffer()
        try await memory.put(body, at: key)
        var new = try await memory.get(key).collect(upTo: .max)
        old.moveReaderIndex(forwardBy: min(new.readableBytes, old.readableBytes))
        new.writeBuffer(&old)
        try await memory.put(.bytes(new), at: key)
      })
    },
    Fault("put.repeats", "refuses a key in use") {
      FaultyStore(onPut: { memory, body, key throws(BlobStoreError) in
        if (try? await memory.info(key)) != nil { throw BlobStoreError(.unexpected, message: "exists") }
        try await memory.put(body, at: key)
      })
    },
    Fault("put.wrongDigest", "does not check the digest") { withoutAnnouncements(size: true) },
    Fault("put.wrongDigestOfFile", "does not check the digest") { withoutAnnouncements(size: true) },
    Fault("put.wrongDigestOfStream", "does not check the digest") { withoutAnnouncements(size: true) },
    Fault("put.wrongSize", "does not check the size") { withoutAnnouncements(size: false) },
    Fault("put.failingStream", "takes a failing stream for a finished one") {
      onStream { memory, chunks, key throws(BlobStoreError) in
        try await memory.put(.bytes(joined(chunks)), at: key)
      }
    },
    Fault("put.missingFile", "reports a missing file as a missing blob") {
      FaultyStore(onPut: { memory, body, key throws(BlobStoreError) in
        if case .file(let path, _) = body.source, access(path, F_OK) != 0 {
          throw BlobStoreError(.notFound, message: "no such file")
        }
        try await memory.put(body, at: key)
      })
    },
    Fault("put.invisibleUntilDone", "shows the bytes as they come") {
      FaultyStore(onPut: { memory, body, key throws(BlobStoreError) in
        guard case .stream(let stream) = body.source else { return try await memory.put(body, at: key) }
        var whole = ByteBuffer()
        do {
          for try await var chunk in stream {
            whole.writeBuffer(&chunk)
            try await memory.put(.bytes(whole), at: key)
          }
        } catch {
          throw BlobStoreError(.unexpected, key: key, message: "failed", underlying: error)
        }
      })
    },
  ]

  private static let gets = [
    Fault("get.whole", "loses the last byte") {
      FaultyStore(onGet: { memory, key, range throws(BlobStoreError) in
        let info = try await memory.info(key)
        return try await memory.get(key, range: range ?? (info.size > 1 ? 0..<(info.size - 1) : nil))
      })
    },
    Fault("get.chunkSizes", "gives everything in one chunk") {
      FaultyStore(onGet: { memory, key, range throws(BlobStoreError) in
        let reader = try await memory.get(key, range: range)
        let whole = try await reader.collect(upTo: .max)
        return BlobReader(
          info: reader.info, range: reader.range, chunks: BlobChunks(LateChunks { [whole] }))
      })
    },
    Fault("get.ranges", "gives all bytes whatever the range") {
      FaultyStore(onGet: { memory, key, range throws(BlobStoreError) in
        let (part, whole) = (try await memory.get(key, range: range), try await memory.get(key))
        return BlobReader(info: part.info, range: part.range, chunks: whole.chunks)
      })
    },
    Fault("get.rangeCutOff", "refuses a range that ends past the end") {
      FaultyStore(onGet: { memory, key, range throws(BlobStoreError) in
        let size = try await memory.info(key).size
        if let range, range.upperBound > size {
          throw BlobStoreError(.rangeNotSatisfiable(size: size), message: "too long")
        }
        return try await memory.get(key, range: range)
      })
    },
    Fault("get.rangePastTheEnd", "gives nothing for a range past the end") {
      givingNothing { $0 > 0 && $1.lowerBound >= $0 }
    },
    Fault("get.emptyRange", "gives nothing for an empty range") { givingNothing { $1.isEmpty } },
    Fault("get.missing", "gives an empty blob for none") {
      FaultyStore(onGet: { memory, key, range throws(BlobStoreError) in
        do throws(BlobStoreError) {
          return try await memory.get(key, range: range)
        } catch {
          guard error.kind == .notFound else { throw error }
          return nothing(BlobInfo(key: key, size: 0, modified: Date()))
        }
      })
    },
    Fault("get.droppedMidway", "leaks a file descriptor for each reader") {
      let readers = SharedCount()
      return FaultyStore(onGet: { memory, key, range throws(BlobStoreError) in
        if readers.add(1) > 16 { throw BlobStoreError(.unavailable, message: "too many open files") }
        return try await memory.get(key, range: range)
      })
    },
    Fault("get.survivesDeletion", "opens the file only when it is read") { readingLate },
    Fault("get.survivesReplacement", "opens the file only when it is read") { readingLate },
  ]
}

// Makers of the faulty stores above and in the other tables.
extension FaultyStores {
  /// Announced digests are ignored, and sizes unless they are to be kept.
  private static func withoutAnnouncements(size keepsSize: Bool) -> FaultyStore {
    FaultyStore(onPut: { memory, body, key throws(BlobStoreError) in
      try await memory.put(BlobBody(source: body.source, size: keepsSize ? body.size : nil), at: key)
    })
  }

  /// Streams are put by `put`, with all chunks that came before their end or their failure.
  private static func onStream(
    _ put: @escaping @Sendable (MemoryStore, [ByteBuffer], BlobKey) async throws(BlobStoreError) -> Void
  ) -> FaultyStore {
    FaultyStore(onPut: { memory, body, key throws(BlobStoreError) in
      guard case .stream(let stream) = body.source else { return try await memory.put(body, at: key) }
      var chunks: [ByteBuffer] = []
      var iterator = stream.makeAsyncIterator()
      while let chunk = try? await iterator.next(isolation: nil) { chunks.append(chunk) }
      try await put(memory, chunks, key)
    })
  }

  /// Gives a reader without bytes where `condition` holds for the blob's size and the range.
  private static func givingNothing(
    where condition: @escaping @Sendable (Int64, Range<Int64>) -> Bool
  ) -> FaultyStore {
    FaultyStore(onGet: { memory, key, range throws(BlobStoreError) in
      let info = try await memory.info(key)
      if let range, condition(info.size, range) { return nothing(info) }
      return try await memory.get(key, range: range)
    })
  }

  private static var readingLate: FaultyStore {
    FaultyStore(onGet: { memory, key, range throws(BlobStoreError) in
      let reader = try await memory.get(key, range: range)
      let late = LateChunks { () throws(BlobStoreError) in
        [try await memory.get(key, range: range).collect(upTo: .max)]
      }
      return BlobReader(info: reader.info, range: reader.range, chunks: BlobChunks(late))
    })
  }

  private static func nothing(_ info: BlobInfo) -> BlobReader {
    BlobReader(info: info, range: 0..<0, chunks: BlobChunks(LateChunks { [] }))
  }

  private static func joined(_ chunks: [ByteBuffer]) -> ByteBuffer {
    var whole = ByteBuffer()
    for var chunk in chunks { whole.writeBuffer(&chunk) }
    return whole
  }
}
