import NIOCore

/// A stream whose chunks a closure makes, from their index; `nil` ends it.
struct ClosureStream: AsyncSequence, Sendable {
  typealias Element = ByteBuffer
  typealias Failure = any Error

  let chunk: @Sendable (Int) throws -> ByteBuffer?

  init(_ chunk: @escaping @Sendable (Int) throws -> ByteBuffer?) {
    self.chunk = chunk
  }

  struct AsyncIterator: AsyncIteratorProtocol {
    let chunk: @Sendable (Int) throws -> ByteBuffer?
    var index = 0

    mutating func next() async throws -> ByteBuffer? {
      defer { index += 1 }
      return try chunk(index)
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(chunk: chunk) }
}
