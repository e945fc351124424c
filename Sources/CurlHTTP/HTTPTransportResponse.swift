public import HTTPTypes
public import NIOCore

/// An answer: its head, and its body as it arrives.
public struct HTTPTransportResponse: Sendable {
  /// Status and header fields of the final answer.
  public let response: HTTPResponse
  /// The body; read it once. Dropping it unread gives up the transfer.
  public let body: HTTPResponseBody

  /// An answer put together by hand, e.g. by a scripted transport.
  public init(response: HTTPResponse, body: HTTPResponseBody = HTTPResponseBody([])) {
    self.response = response
    self.body = body
  }

  /// The status code, e.g. 200.
  public var statusCode: Int { response.status.code }

  /// The header fields.
  public var headerFields: HTTPFields { response.headerFields }

  /// Reads the body to its end into one buffer.
  ///
  /// - Parameter limit: Bytes at most.
  /// - Throws: `.bodyTooLarge` if there are more; the transfer is then given up.
  public func collect(upTo limit: Int) async throws(TransportError) -> ByteBuffer {
    var all = ByteBuffer()
    var chunks = body.makeAsyncIterator()
    while var chunk = try await chunks.next(isolation: nil) {
      guard all.readableBytes + chunk.readableBytes <= limit else {
        body.cancel()
        throw TransportError(.bodyTooLarge(limit: limit), "the answer has more than \(limit) bytes")
      }
      all.writeBuffer(&chunk)
    }
    return all
  }
}

/// The body of an answer: chunks of at most 80 KiB in order, for one reader.
///
/// While nobody reads, at most 1 MiB waits in memory; then the peer is made to wait.
public struct HTTPResponseBody: AsyncSequence, Sendable {
  /// A chunk.
  public typealias Element = ByteBuffer
  /// Why a body ended early.
  public typealias Failure = TransportError

  enum Source: Sendable {
    case exchange(BodyLease)
    case stream(any AsyncSequence<ByteBuffer, TransportError> & Sendable)
    case chunks([ByteBuffer])
  }

  private let source: Source

  init(_ source: Source) { self.source = source }

  /// A body of chunks at hand.
  public init(_ chunks: [ByteBuffer]) { source = .chunks(chunks) }

  /// A body that somebody else produces, e.g. a wrapper around another body.
  public init(_ stream: any AsyncSequence<ByteBuffer, TransportError> & Sendable) { source = .stream(stream) }

  /// Gives the transfer up; a reader gets `.cancelled`. Nothing happens if the body came from elsewhere.
  public func cancel() {
    if case .exchange(let lease) = source { lease.exchange.cancel() }
  }

  /// Starts reading; there can be one reader.
  public func makeAsyncIterator() -> Iterator {
    switch source {
    case .exchange(let lease): Iterator(.exchange(lease))
    case .stream(let stream): Iterator(stream)
    case .chunks(let chunks): Iterator(.chunks(chunks[...]))
    }
  }

  /// Reads a body's chunks in order; not to be shared.
  public struct Iterator: AsyncIteratorProtocol {
    enum Cursor {
      case exchange(BodyLease)
      case stream(any AsyncIteratorProtocol<ByteBuffer, TransportError>)
      case chunks(ArraySlice<ByteBuffer>)
    }

    private var cursor: Cursor

    init(_ cursor: Cursor) { self.cursor = cursor }

    init(_ stream: some AsyncSequence<ByteBuffer, TransportError>) {
      cursor = .stream(stream.makeAsyncIterator())
    }

    /// The next chunk; `nil` at the end.
    public mutating func next() async throws(TransportError) -> ByteBuffer? {
      try await next(isolation: nil)
    }

    /// The next chunk; `nil` at the end.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(TransportError) -> ByteBuffer? {
      switch cursor {
      case .exchange(let lease): return try await lease.exchange.nextChunk()
      case .stream(var iterator):
        let chunk = try await iterator.next(isolation: actor)
        cursor = .stream(iterator)
        return chunk
      case .chunks(var chunks):
        let chunk = chunks.popFirst()
        cursor = .chunks(chunks)
        return chunk
      }
    }
  }
}

/// Held by everybody who can still read a body; the last one to let go gives up the rest of it.
final class BodyLease: Sendable {
  let exchange: CurlExchange

  init(_ exchange: CurlExchange) { self.exchange = exchange }

  deinit { exchange.abandonBody() }
}
