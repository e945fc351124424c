import Hummingbird
import Locks
package import Metadata
import NIOCore

/// Answers to listings and searches as the anonymous see them, kept as long as they are true.
///
/// The database counts its changes. An answer is kept with the count from before it was read, and given again only while
/// the count is the same, so every committed write ends all of them, whoever makes it.
package final class AnonymousAnswers: Sendable {
  private struct State {
    var changeCount = -1
    var answers: [String: ByteBuffer] = [:]
    var size = 0
  }

  private static let longestTarget = 2048
  private let metadata: MetadataStore
  private let capacity: Int
  private let state = Guarded(State())

  /// - Parameter capacity: The most bytes kept; when full, everything is dropped and begins anew.
  package init(metadata: MetadataStore, capacity: Int = 64 << 20) {
    self.metadata = metadata
    self.capacity = capacity
  }

  /// The answer to a request from memory, if it is from nobody and still true; else what `make` makes.
  func answer(
    _ request: Request, _ context: AppContext, _ make: () async throws -> some Encodable
  ) async throws -> Response {
    guard case .anonymous = context.principal, let target = request.head.path,
      target.utf8.count <= Self.longestTarget
    else { return try .json(await make()) }
    let changeCount = metadata.changeCount
    if let kept = kept(target, changeCount) { return .json(encoded: kept) }
    let buffer = try Response.encode(await make())
    keep(buffer, for: target, changeCount)
    return .json(encoded: buffer)
  }

  private func kept(_ target: String, _ changeCount: Int) -> ByteBuffer? {
    state.withLock { $0.changeCount == changeCount ? $0.answers[target] : nil }
  }

  private func keep(_ buffer: ByteBuffer, for target: String, _ changeCount: Int) {
    let size = buffer.readableBytes + target.utf8.count + 64
    guard size <= capacity / 4 else { return }
    state.withLock { state in
      if changeCount < state.changeCount { return }  // read before a change that is over
      if changeCount > state.changeCount || state.size + size > capacity {
        state = State(changeCount: changeCount)
      }
      if state.answers.updateValue(buffer, forKey: target) == nil { state.size += size }
    }
  }
}
