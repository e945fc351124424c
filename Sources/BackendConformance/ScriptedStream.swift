import NIOCore

/// A stream that gives chunks in order, and does something before one of them: looks at the store, or fails.
struct ScriptedStream: AsyncSequence, Sendable {
  typealias Element = ByteBuffer
  typealias Failure = any Error

  /// What happens when the next chunk is asked for.
  enum Step: Sendable {
    case chunk(ByteBuffer)
    case action(@Sendable () async throws -> Void)
  }

  let steps: [Step]

  init(_ steps: [Step]) {
    self.steps = steps
  }

  /// The chunks of `bytes`, `chunkSize` bytes each.
  init(_ bytes: ByteBuffer, chunkSize: Int) {
    var rest = bytes
    var steps: [Step] = []
    while let chunk = rest.readSlice(length: Swift.min(chunkSize, rest.readableBytes)),
      chunk.readableBytes > 0
    {
      steps.append(.chunk(chunk))
    }
    self.steps = steps
  }

  struct AsyncIterator: AsyncIteratorProtocol {
    var rest: ArraySlice<Step>

    mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> ByteBuffer? {
      while let step = rest.popFirst() {
        switch step {
        case .chunk(let chunk): return chunk
        case .action(let action): try await action()
        }
      }
      return nil
    }

    mutating func next() async throws -> ByteBuffer? {
      try await next(isolation: nil)
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: steps[...]) }
}

/// What a scripted stream fails with.
struct ScriptedFailure: Error {}
