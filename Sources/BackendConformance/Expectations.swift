import Backends
import NIOCore

/// Throws a ``ConformanceFailure`` unless `condition` holds.
func expect(_ condition: Bool, _ failure: @autoclosure () -> String) throws(ConformanceFailure) {
  if !condition { throw ConformanceFailure(failure()) }
}

/// Throws a ``ConformanceFailure`` unless `call` throws a `BlobStoreError` of this kind.
func expectThrow(
  _ kind: BlobStoreError.Kind, from name: String, _ call: () async throws -> Void
) async throws {
  do {
    try await call()
  } catch let error as BlobStoreError {
    return try expect(error.kind == kind, "\(name) has to throw \(kind), threw \(String(reflecting: error))")
  }
  throw ConformanceFailure("\(name) has to throw \(kind), returned")
}

extension BlobStore {
  /// Throws a ``ConformanceFailure`` unless the blob, or the range of it, is exactly `bytes`.
  func expect(
    _ bytes: ByteBuffer, at key: BlobKey, range: Range<Int64>? = nil
  ) async throws {
    let reader = try await get(key, range: range)
    try await expect(bytes, from: reader)
  }

  /// Throws a ``ConformanceFailure`` unless the rest of the reader is exactly `bytes`.
  func expect(_ bytes: ByteBuffer, from reader: BlobReader) async throws {
    var found = ByteBuffer()
    for try await var chunk in reader.chunks { found.writeBuffer(&chunk) }
    if found != bytes {
      throw ConformanceFailure(
        "'\(reader.info.key)' bytes \(reader.range): \(Self.difference(found, bytes))")
    }
  }

  /// Throws a ``ConformanceFailure`` unless no verb finds a blob with this key.
  func expectNothing(at key: BlobKey) async throws {
    try await expectThrow(.notFound, from: "get of '\(key)'") { _ = try await get(key) }
    try await expectThrow(.notFound, from: "info of '\(key)'") { _ = try await info(key) }
    let listed = try await list(prefix: key.value).collect().contains { $0.key == key }
    if listed { throw ConformanceFailure("'\(key)' is listed, though there is no such blob") }
  }

  private static func difference(_ found: ByteBuffer, _ expected: ByteBuffer) -> String {
    if found.readableBytes != expected.readableBytes {
      return "\(expected.readableBytes) bytes expected, \(found.readableBytes) found"
    }
    let pairs = zip(found.readableBytesView, expected.readableBytesView).enumerated()
    let first = pairs.first { $0.element.0 != $0.element.1 }?.offset ?? 0
    return "the byte at \(first) is not the one that was put"
  }
}
