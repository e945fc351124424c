import HTTPTypes
import Locks
import NIOCore

/// One request and its answer, shared by the loop's thread and the tasks that wait for it.
///
/// All state is one `CurlTransfer` behind a lock, beside the continuations of whoever waits. Every change goes
/// through `update`, which afterwards wakes those whose wait is over, outside the lock.
final class CurlExchange: Sendable {
  let request: HTTPRequest
  let body: HTTPRequestBody
  let timeouts: TransferTimeouts
  private let loop: CurlLoop
  private let state: Guarded<State>

  private typealias Waiter<Value> = CheckedContinuation<Result<Value, TransportError>, Never>

  private struct State: Sendable {
    var transfer: CurlTransfer
    var headWaiter: Waiter<HTTPResponse>?
    var chunkWaiter: Waiter<ByteBuffer?>?
    var producerWaiter: CheckedContinuation<Void, Never>?
    var producer: Task<Void, Never>?
  }

  init(request: HTTPRequest, body: HTTPRequestBody, timeouts: TransferTimeouts, loop: CurlLoop) {
    self.request = request
    self.body = body
    self.timeouts = timeouts
    self.loop = loop
    var uploadSize: Int64?
    if case .stream(let size, _) = body { uploadSize = size }
    state = Guarded(
      State(
        transfer: CurlTransfer(
          marks: loop.configuration.buffering, expectsBody: request.method != .head,
          followsRedirects: loop.configuration.maxRedirects > 0,
          uploadSize: uploadSize)))
  }

  /// Applies a change, then wakes whoever it concerns.
  func update<Answer: Sendable>(_ change: (inout CurlTransfer) -> Answer) -> Answer {
    let (answer, wakeUps) = state.withLock { state in
      let answer = change(&state.transfer)
      return (answer, WakeUps(&state))
    }
    wakeUps.run(self, loop)
    return answer
  }

  // MARK: - The loop's side

  /// Takes bytes of the answer from libcurl's buffer.
  func receive(body bytes: UnsafeRawBufferPointer) -> CurlTransfer.Receipt {
    let (receipt, wakeUps) = state.withLock { state in
      let receipt = state.transfer.receive(body: bytes)
      return (receipt, WakeUps(&state))
    }
    wakeUps.run(self, loop)
    return receipt
  }

  /// Fills libcurl's buffer from the body stream.
  func readUpload(into target: UnsafeMutableRawBufferPointer) -> UploadQueue.Reading {
    let (reading, wakeUps) = state.withLock { state in
      let reading = state.transfer.upload.read(into: target)
      return (reading, WakeUps(&state))
    }
    wakeUps.run(self, loop)
    return reading
  }

  // MARK: - The tasks' side

  /// Starts the transfer and waits for the final head.
  func start() async throws(TransportError) -> HTTPResponse {
    guard !Task.isCancelled else { throw TransportError(.cancelled, "the task was cancelled") }
    if case .stream(_, let stream) = body { startProducer(stream) }
    loop.post(.start(self))
    return try await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let head = state.withLock { state in
          let head = state.transfer.head()
          if head == nil { state.headWaiter = continuation }
          return head
        }
        if let head { continuation.resume(returning: head) }
      }
    } onCancel: {
      cancel()
    }.get()
  }

  /// Waits for the body's next chunk; `nil` at its end.
  func nextChunk() async throws(TransportError) -> ByteBuffer? {
    try await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let (chunk, wakeUps) = state.withLock { state in
          let chunk = state.chunkWaiter == nil ? state.transfer.takeChunk() : .failure(Self.secondReader)
          if chunk == nil { state.chunkWaiter = continuation }
          return (chunk, WakeUps(&state))
        }
        if let chunk { continuation.resume(returning: chunk) }
        wakeUps.run(self, loop)
      }
    } onCancel: {
      cancel()
    }.get()
  }

  /// Gives the transfer up: whoever waits gets `.cancelled`, the loop drops the connection.
  func cancel() {
    let wasOver = update { transfer in
      let wasOver = transfer.isOver
      transfer.finish(TransportError(.cancelled, "the request was cancelled"))
      return wasOver
    }
    if !wasOver { loop.post(.cancel(self)) }
  }

  /// The last reader is gone.
  func abandonBody() {
    if update({ transfer in transfer.abandonBody() }) { cancel() }
  }

  private static let secondReader = TransportError(
    .unexpected, "the body is already being read by another task")

  // MARK: - The body stream

  /// Moves the caller's stream into the queue. The task outlives `send`, because an answer may begin while the
  /// request is still on its way; it ends with the transfer.
  private func startProducer(_ stream: any AsyncSequence<ByteBuffer, any Error> & Sendable) {
    let producer = Task { await self.produce(from: stream) }
    state.withLock { state in state.producer = producer }
  }

  private func produce(from stream: any AsyncSequence<ByteBuffer, any Error> & Sendable) async {
    do {
      for try await chunk in stream {
        if !update({ transfer in transfer.upload.offer(chunk) }) { await waitForRoom() }
        guard !Task.isCancelled, !isOver else { return }
      }
      update { transfer in transfer.upload.end(nil) }
    } catch {
      update { transfer in transfer.upload.end(error) }
    }
  }

  private func waitForRoom() async {
    await withCheckedContinuation { continuation in
      let mayGoOn = state.withLock { state in
        let mayGoOn = state.transfer.isOver || state.transfer.upload.hasRoom
        if !mayGoOn { state.producerWaiter = continuation }
        return mayGoOn
      }
      if mayGoOn { continuation.resume() }
    }
  }

  private var isOver: Bool { state.withLock { state in state.transfer.isOver } }

  // MARK: - Waking

  /// Who may go on after a change; collected under the lock, run outside it.
  private struct WakeUps: Sendable {
    private var head: (Waiter<HTTPResponse>, Result<HTTPResponse, TransportError>)?
    private var chunk: (Waiter<ByteBuffer?>, Result<ByteBuffer?, TransportError>)?
    private var room: CheckedContinuation<Void, Never>?
    private var finishedProducer: Task<Void, Never>?
    private var resumption: CurlTransfer.Resumption = []

    init(_ state: inout State) {
      if let waiter = state.headWaiter, let result = state.transfer.head() {
        head = (waiter, result)
        state.headWaiter = nil
      }
      if let waiter = state.chunkWaiter, let result = state.transfer.takeChunk() {
        chunk = (waiter, result)
        state.chunkWaiter = nil
      }
      if let waiter = state.producerWaiter, state.transfer.isOver || state.transfer.upload.hasRoom {
        room = waiter
        state.producerWaiter = nil
      }
      if state.transfer.isOver {
        finishedProducer = state.producer
        state.producer = nil
      }
      resumption = state.transfer.takeResumption()
    }

    func run(_ exchange: CurlExchange, _ loop: CurlLoop) {
      if let (waiter, result) = head { waiter.resume(returning: result) }
      if let (waiter, result) = chunk { waiter.resume(returning: result) }
      room?.resume()
      finishedProducer?.cancel()
      if !resumption.isEmpty { loop.post(.resume(exchange, resumption)) }
    }
  }
}
