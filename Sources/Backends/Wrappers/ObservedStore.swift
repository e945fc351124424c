public import HTTPTypes
import Locks
import NIOCore

/// A store whose calls are reported when they are over: how long they took, how many bytes, how they ended.
public struct ObservedStore<Base: BlobStore>: BlobStore {
  /// The store that is asked.
  public let base: Base
  private let report: @Sendable (StoreObservation) -> Void

  /// Wraps a store.
  ///
  /// - Parameter report: Called once for each call, on whatever thread it ended; must not block.
  public init(_ base: Base, report: @escaping @Sendable (StoreObservation) -> Void) {
    self.base = base
    self.report = report
  }

  /// Stores the bytes.
  public func put(_ body: BlobBody, at key: BlobKey) async throws(BlobStoreError) {
    try await observe(.put, bytes: body.size ?? 0) { () throws(BlobStoreError) in
      try await base.put(body, at: key)
    }
  }

  /// Opens a blob; reported when its reader is done or gone.
  public func get(_ key: BlobKey, range: Range<Int64>?) async throws(BlobStoreError) -> BlobReader {
    let call = ObservedCall(.get, report)
    do {
      let reader = try await base.get(key, range: range)
      call.opened()
      return BlobReader(
        info: reader.info, range: reader.range,
        chunks: BlobChunks(ObservedElements(base: reader.chunks, call: call) { Int64($0.readableBytes) }))
    } catch {
      call.end(error.kind)
      throw error
    }
  }

  /// What is known about a blob.
  public func info(_ key: BlobKey) async throws(BlobStoreError) -> BlobInfo {
    try await observe(.info) { () throws(BlobStoreError) in try await base.info(key) }
  }

  /// Removes a blob.
  public func delete(_ key: BlobKey) async throws(BlobStoreError) {
    try await observe(.delete) { () throws(BlobStoreError) in try await base.delete(key) }
  }

  /// Lists blobs; reported when the listing's reader is done or gone.
  public func list(prefix: String) -> BlobListing {
    BlobListing(
      ObservedElements(base: base.list(prefix: prefix), call: ObservedCall(.list, report)) { _ in 0 })
  }

  private func observe<Success>(
    _ verb: StoreObservation.Verb, bytes: Int64 = 0,
    _ work: () async throws(BlobStoreError) -> Success
  ) async throws(BlobStoreError) -> Success {
    let call = ObservedCall(verb, report)
    do {
      let success = try await work()
      call.add(bytes)
      call.end(nil)
      return success
    } catch {
      call.end(error.kind)
      throw error
    }
  }
}

extension ObservedStore: PresigningBlobStore where Base: PresigningBlobStore {
  /// The base store's URL.
  public func presignedURL(
    for key: BlobKey, method: HTTPRequest.Method, expiresIn lifetime: Duration, responseFields: HTTPFields
  ) async throws(BlobStoreError) -> String {
    try await observe(.presign) { () throws(BlobStoreError) in
      try await base.presignedURL(
        for: key, method: method, expiresIn: lifetime, responseFields: responseFields)
    }
  }
}

/// A call that is under way; reported once, at the latest when nobody holds it any more.
private final class ObservedCall: Sendable {
  private struct State {
    var bytes: Int64 = 0
    var latency: Duration?
    var isReported = false
  }

  private let verb: StoreObservation.Verb
  private let report: @Sendable (StoreObservation) -> Void
  private let start = ContinuousClock.now
  private let state = Guarded(State())

  init(_ verb: StoreObservation.Verb, _ report: @escaping @Sendable (StoreObservation) -> Void) {
    self.verb = verb
    self.report = report
  }

  deinit { end(nil) }

  func opened() {
    let latency = ContinuousClock.now - start
    state.withLock { $0.latency = latency }
  }

  func add(_ bytes: Int64) { state.withLock { $0.bytes += bytes } }

  func end(_ failure: BlobStoreError.Kind?) {
    let duration = ContinuousClock.now - start
    let observation = state.withLock { state -> StoreObservation? in
      guard !state.isReported else { return nil }
      state.isReported = true
      return StoreObservation(
        verb: verb, duration: duration, latency: state.latency ?? duration, bytes: state.bytes,
        failure: failure)
    }
    if let observation { report(observation) }
  }
}

/// A sequence whose end is the end of a call.
private struct ObservedElements<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable
where Base.Failure == BlobStoreError, Base.Element: Sendable {
  typealias Element = Base.Element
  typealias Failure = BlobStoreError

  let base: Base
  let call: ObservedCall
  let size: @Sendable (Element) -> Int64

  func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(base: base.makeAsyncIterator(), call: call, size: size)
  }

  struct AsyncIterator: AsyncIteratorProtocol {
    var base: Base.AsyncIterator
    let call: ObservedCall
    let size: @Sendable (Element) -> Int64

    mutating func next(isolation actor: isolated (any Actor)?) async throws(BlobStoreError) -> Element? {
      do {
        let element = try await base.next(isolation: actor)
        if let element {
          call.add(size(element))
        } else {
          call.end(nil)
        }
        return element
      } catch {
        call.end(error.kind)
        throw error
      }
    }

    mutating func next() async throws(BlobStoreError) -> Element? {
      try await next(isolation: nil)
    }
  }
}
