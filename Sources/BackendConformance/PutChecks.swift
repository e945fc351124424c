import Backends
import NIOCore

/// What `put` promises.
enum PutChecks {
  static let all = [
    buffer, empty, file, movedFile, stream, streamOfUnknownSize, replaces, repeats, wrongDigest,
    wrongDigestOfFile,
    wrongDigestOfStream, wrongSize, failingStream, missingFile, invisibleUntilDone,
  ]

  private static let buffer = ConformanceCheck(
    "put.buffer", "The readable bytes of a buffer are stored, and only they."
  ) { store, context in
    var bytes = context.bytes(1000)
    bytes.moveReaderIndex(forwardBy: 10)
    bytes.moveWriterIndex(to: bytes.writerIndex - 10)
    let key = try context.key("blob")
    try await store.put(.bytes(bytes), at: key)
    try await store.expect(bytes, at: key)
  }

  private static let empty = ConformanceCheck(
    "put.empty", "A blob may have no bytes at all."
  ) { store, context in
    let key = try context.key("blob")
    try await store.put(.bytes(ByteBuffer()), at: key)
    try expect(try await store.info(key).size == 0, "the size of an empty blob has to be 0")
    try await store.expect(ByteBuffer(), at: key)
  }

  private static let file = ConformanceCheck(
    "put.file", "A file's bytes are stored, and the file stays as it is."
  ) { store, context in
    let bytes = context.bytes(300_000)
    let (key, path) = (try context.key("blob"), try context.file(bytes))
    try await store.put(.file(path: path, move: false, size: 300_000, sha256: hash300000), at: key)
    try await store.expect(bytes, at: key)
    try expect(context.isFile(path), "the file must not be removed without `move`")
  }

  private static let movedFile = ConformanceCheck(
    "put.movedFile", "A file given to be moved is stored and then gone from where it was."
  ) { store, context in
    let bytes = context.bytes(300_000)
    let (key, path) = (try context.key("a/folder/blob"), try context.file(bytes))
    try await store.put(.file(path: path, move: true, size: 300_000, sha256: hash300000), at: key)
    try await store.expect(bytes, at: key)
    try expect(!context.isFile(path), "the file has to be gone after a `put` with `move`")
  }

  private static let stream = ConformanceCheck(
    "put.stream", "A stream is stored to its end, whatever its chunks' sizes."
  ) { store, context in
    let bytes = context.bytes(300_000)
    let key = try context.key("blob")
    var steps = ScriptedStream(bytes, chunkSize: 77_777).steps
    steps.insert(.chunk(ByteBuffer()), at: 1)
    try await store.put(.stream(ScriptedStream(steps), size: 300_000, sha256: hash300000), at: key)
    try await store.expect(bytes, at: key)
  }

  private static let streamOfUnknownSize = ConformanceCheck(
    "put.streamOfUnknownSize", "A stream may be stored without knowing its size or its digest."
  ) { store, context in
    let bytes = context.bytes(1_500_000)
    let key = try context.key("blob")
    try await store.put(.stream(ScriptedStream(bytes, chunkSize: 65_536)), at: key)
    try await store.expect(bytes, at: key)
  }

  private static let replaces = ConformanceCheck(
    "put.replaces", "A put under a key in use replaces the blob whole."
  ) { store, context in
    let key = try context.key("blob")
    try await store.put(.bytes(context.bytes(5000)), at: key)
    let shorter = context.bytes(1000, seed: 2)
    try await store.put(.bytes(shorter), at: key)
    try await store.expect(shorter, at: key)
  }

  private static let repeats = ConformanceCheck(
    "put.repeats", "The same put may be made again."
  ) { store, context in
    let key = try context.key("blob")
    let bytes = context.bytes(5000)
    for _ in 1...3 { try await store.put(.bytes(bytes), at: key) }
    try await store.expect(bytes, at: key)
  }

  private static let wrongDigest = ConformanceCheck(
    "put.wrongDigest", "A buffer whose SHA-256 is not the announced one is refused, and nothing is stored."
  ) { store, context in
    let key = try context.key("blob")
    try await expectThrow(.digestMismatch, from: "put of a buffer with a wrong digest") {
      try await store.put(.bytes(context.bytes(100), sha256: hash300000), at: key)
    }
    try await store.expectNothing(at: key)
  }

  private static let wrongDigestOfFile = ConformanceCheck(
    "put.wrongDigestOfFile", "So is a file, which stays as it is."
  ) { store, context in
    let (key, path) = (try context.key("blob"), try context.file(context.bytes(100)))
    try await expectThrow(.digestMismatch, from: "put of a file with a wrong digest") {
      try await store.put(.file(path: path, move: false, sha256: hash300000), at: key)
    }
    try await store.expectNothing(at: key)
    try expect(context.isFile(path), "the file has to be there after a refused `put`")
  }

  private static let wrongDigestOfStream = ConformanceCheck(
    "put.wrongDigestOfStream", "So is a stream, and the blob that was there stays."
  ) { store, context in
    let key = try context.key("blob")
    let old = context.bytes(100)
    try await store.put(.bytes(old), at: key)
    let stream = ScriptedStream(context.bytes(300_000, seed: 2), chunkSize: 65_536)
    try await expectThrow(.digestMismatch, from: "put of a stream with a wrong digest") {
      try await store.put(.stream(stream, size: 300_000, sha256: hash300000), at: key)
    }
    try await store.expect(old, at: key)
  }

  private static let wrongSize = ConformanceCheck(
    "put.wrongSize", "Fewer or more bytes than announced are refused, and nothing is stored."
  ) { store, context in
    for announced in [999, 1001] as [Int64] {
      let key = try context.key("blob\(announced)")
      let stream = ScriptedStream(context.bytes(1000), chunkSize: 100)
      try await expectThrow(.digestMismatch, from: "put of 1000 bytes announced as \(announced)") {
        try await store.put(.stream(stream, size: announced), at: key)
      }
      try await store.expectNothing(at: key)
    }
  }

  private static let failingStream = ConformanceCheck(
    "put.failingStream", "If the stream fails, so does the put, and the blob that was there stays."
  ) { store, context in
    let key = try context.key("blob")
    let old = context.bytes(100)
    try await store.put(.bytes(old), at: key)
    let steps = ScriptedStream(context.bytes(600_000, seed: 2), chunkSize: 65_536).steps
    let failing = ScriptedStream(steps + [.action { throw ScriptedFailure() }])
    try await expectThrow(.unexpected, from: "put of a stream that fails") {
      try await store.put(.stream(failing), at: key)
    }
    try await store.expect(old, at: key)
  }

  private static let missingFile = ConformanceCheck(
    "put.missingFile", "A file that does not exist is refused as `.unexpected`, and nothing is stored."
  ) { store, context in
    let key = try context.key("blob")
    for move in [true, false] {
      try await expectThrow(.unexpected, from: "put of a missing file") {
        try await store.put(.file(path: "/nonexistent/\(context.prefix)", move: move), at: key)
      }
      try await store.expectNothing(at: key)
    }
  }

  private static let invisibleUntilDone = ConformanceCheck(
    "put.invisibleUntilDone", "Before a put ends, readers see what was there before: another blob, or none."
  ) { store, context in
    let (used, new) = (try context.key("used"), try context.key("new"))
    let old = context.bytes(100)
    try await store.put(.bytes(old), at: used)
    let bytes = context.bytes(1_000_000, seed: 2)
    let steps = ScriptedStream(bytes, chunkSize: 65_536).steps
    let lookAtUsed = ScriptedStream.Step.action { try await store.expect(old, at: used) }
    let lookAtNew = ScriptedStream.Step.action { try await store.expectNothing(at: new) }
    try await store.put(.stream(ScriptedStream(steps + [lookAtUsed])), at: used)
    try await store.put(.stream(ScriptedStream(steps + [lookAtNew])), at: new)
    try await store.expect(bytes, at: used)
    try await store.expect(bytes, at: new)
  }

  /// The SHA-256 of `context.bytes(300_000)`.
  private static let hash300000 = "ea792c3ee0f408182f147178c64a168b4cb478b73c3faa43e82551ea18fdb69e"
}
