import Backends
import NIOCore

/// What `get` promises.
enum GetChecks {
  static let all = [
    whole, chunkSizes, ranges, rangeCutOff, rangePastTheEnd, emptyRange, missing, droppedMidway,
    survivesDeletion,
    survivesReplacement,
  ]

  private static let whole = ConformanceCheck(
    "get.whole", "Without a range the reader has all bytes, and says so."
  ) { store, context in
    let key = try context.key("blob")
    let bytes = context.bytes(1_000_003)
    try await store.put(.bytes(bytes), at: key)
    let reader = try await store.get(key)
    try expect(
      reader.range == 0..<1_000_003, "the reader's range has to be the whole blob, is \(reader.range)")
    try await store.expect(bytes, from: reader)
  }

  private static let chunkSizes = ConformanceCheck(
    "get.chunkSizes", "Chunks have between 1 byte and 64 KiB."
  ) { store, context in
    let key = try context.key("blob")
    try await store.put(.bytes(context.bytes(1_000_003)), at: key)
    for try await chunk in try await store.get(key).chunks {
      try expect(
        (1...65_536).contains(chunk.readableBytes), "a chunk has \(chunk.readableBytes) bytes")
    }
  }

  private static let ranges = ConformanceCheck(
    "get.ranges",
    "A range gives exactly its bytes, the first and the last included, and the whole blob's size."
  ) { store, context in
    let key = try context.key("blob")
    let bytes = context.bytes(500_000)
    try await store.put(.bytes(bytes), at: key)
    for range in [0..<1, 0..<500_000, 499_999..<500_000, 65_535..<65_537, 262_143..<400_001] as [Range<Int64>]
    {
      let reader = try await store.get(key, range: range)
      try expect(reader.range == range, "range \(range) wanted, the reader says \(reader.range)")
      try expect(reader.info.size == 500_000, "the size has to be the blob's, is \(reader.info.size)")
      let part = bytes.getSlice(at: bytes.readerIndex + Int(range.lowerBound), length: range.count)
      try await store.expect(part ?? ByteBuffer(), from: reader)
    }
  }

  private static let rangeCutOff = ConformanceCheck(
    "get.rangeCutOff", "A range that ends past the blob's end is cut off there."
  ) { store, context in
    let key = try context.key("blob")
    let bytes = context.bytes(1000)
    try await store.put(.bytes(bytes), at: key)
    for end in [1001, Int64.max] as [Int64] {
      let reader = try await store.get(key, range: 900..<end)
      try expect(reader.range == 900..<1000, "the range has to be 900..<1000, is \(reader.range)")
      try await store.expect(bytes.getSlice(at: bytes.readerIndex + 900, length: 100) ?? bytes, from: reader)
    }
  }

  private static let rangePastTheEnd = ConformanceCheck(
    "get.rangePastTheEnd",
    "A range that starts at or past the end is not satisfiable; the error has the size."
  ) { store, context in
    let key = try context.key("blob")
    try await store.put(.bytes(context.bytes(1000)), at: key)
    for range in [1000..<1001, 5000..<6000, (Int64.max - 1)..<Int64.max] as [Range<Int64>] {
      try await expectThrow(.rangeNotSatisfiable(size: 1000), from: "get of \(range) of 1000 bytes") {
        _ = try await store.get(key, range: range)
      }
    }
  }

  private static let emptyRange = ConformanceCheck(
    "get.emptyRange", "An empty range is not satisfiable, nor is any range of an empty blob."
  ) { store, context in
    let (key, empty) = (try context.key("blob"), try context.key("empty"))
    try await store.put(.bytes(context.bytes(1000)), at: key)
    try await store.put(.bytes(ByteBuffer()), at: empty)
    try await expectThrow(.rangeNotSatisfiable(size: 1000), from: "get of an empty range") {
      _ = try await store.get(key, range: 5..<5)
    }
    try await expectThrow(.rangeNotSatisfiable(size: 0), from: "get of a range of an empty blob") {
      _ = try await store.get(empty, range: 0..<1)
    }
  }

  private static let missing = ConformanceCheck(
    "get.missing", "A key without a blob is not found, with or without a range."
  ) { store, context in
    let key = try context.key("folder/missing")
    try await expectThrow(.notFound, from: "get of a missing key") { _ = try await store.get(key) }
    try await expectThrow(.notFound, from: "get of a range of a missing key") {
      _ = try await store.get(key, range: 0..<1)
    }
  }

  private static let droppedMidway = ConformanceCheck(
    "get.droppedMidway",
    "A reader may be dropped before, at or after its first chunk; the next one is not affected."
  ) { store, context in
    let key = try context.key("blob")
    let bytes = context.bytes(1_000_000)
    try await store.put(.bytes(bytes), at: key)
    for _ in 1...20 {
      _ = try await store.get(key)
      var chunks = try await store.get(key).chunks.makeAsyncIterator()
      let first = try await chunks.next()
      try expect(
        first?.getInteger(at: 0) == bytes.getInteger(at: 0, as: UInt8.self), "a dropped reader disturbs")
    }
    try await store.expect(bytes, at: key)
  }

  private static let survivesDeletion = ConformanceCheck(
    "get.survivesDeletion", "An open reader gives all its bytes though its key is deleted."
  ) { store, context in
    let key = try context.key("blob")
    let bytes = context.bytes(1_000_000)
    try await store.put(.bytes(bytes), at: key)
    let reader = try await store.get(key)
    try await store.delete(key)
    try await store.expect(bytes, from: reader)
  }

  private static let survivesReplacement = ConformanceCheck(
    "get.survivesReplacement", "An open reader gives the bytes it was opened on though its key is put again."
  ) { store, context in
    let key = try context.key("blob")
    let bytes = context.bytes(1_000_000)
    try await store.put(.bytes(bytes), at: key)
    let reader = try await store.get(key)
    try await store.put(.bytes(context.bytes(900_000, seed: 2)), at: key)
    try await store.expect(bytes, from: reader)
  }
}
