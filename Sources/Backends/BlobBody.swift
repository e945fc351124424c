public import NIOCore

/// The bytes that a ``BlobStore/put(_:at:)`` stores, and what is known about them beforehand.
public struct BlobBody: Sendable {
  /// Where the bytes come from.
  public enum Source: Sendable {
    /// The readable bytes of a buffer.
    case bytes(ByteBuffer)
    /// A complete file, usually an upload's spool. With `move` the store may rename it away; after a
    /// successful `put` it is gone from `path` then, after a failed one it is still there. Without `move` it
    /// is only read.
    case file(path: String, move: Bool)
    /// A stream, read once, at the store's pace. An error it throws ends the `put`, which stores nothing.
    case stream(any AsyncSequence<ByteBuffer, any Error> & Sendable)
  }

  /// Where the bytes come from.
  public let source: Source
  /// How many bytes there are; `nil` if unknown. A store refuses another number with `.digestMismatch`.
  public let size: Int64?
  /// Their SHA-256 in lower-case hexadecimal, if known. A store refuses bytes it can see to differ with
  /// `.digestMismatch`: it sees all that it reads, so not those of a file it renames.
  public let sha256: String?

  /// A body with these facts.
  public init(source: Source, size: Int64? = nil, sha256: String? = nil) {
    self.source = source
    self.size = size
    self.sha256 = sha256
  }

  /// The readable bytes of `buffer`.
  public static func bytes(_ buffer: ByteBuffer, sha256: String? = nil) -> BlobBody {
    BlobBody(source: .bytes(buffer), size: Int64(buffer.readableBytes), sha256: sha256)
  }

  /// The file at `path`, which the store may rename away if `move` is set.
  public static func file(
    path: String, move: Bool, size: Int64? = nil, sha256: String? = nil
  ) -> BlobBody {
    BlobBody(source: .file(path: path, move: move), size: size, sha256: sha256)
  }

  /// The chunks of `stream`, whatever error type it has.
  public static func stream<Stream: AsyncSequence & Sendable>(
    _ stream: Stream, size: Int64? = nil, sha256: String? = nil
  ) -> BlobBody where Stream.Element == ByteBuffer {
    BlobBody(source: .stream(AnyFailureSequence(base: stream)), size: size, sha256: sha256)
  }
}

/// A sequence whose failure type is widened to `any Error`, which `AsyncSequence` cannot express by casting.
private struct AnyFailureSequence<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable {
  typealias Element = Base.Element
  typealias Failure = any Error

  let base: Base

  struct AsyncIterator: AsyncIteratorProtocol {
    var base: Base.AsyncIterator

    mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> Base.Element? {
      try await base.next(isolation: actor)
    }

    mutating func next() async throws -> Base.Element? {
      try await next(isolation: nil)
    }
  }

  func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(base: base.makeAsyncIterator())
  }
}
