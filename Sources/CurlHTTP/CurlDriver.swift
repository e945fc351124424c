import CCurl
import Foundation
import NIOCore

/// Runs transfers on libcurl's multi handle: the body of the loop's thread, and the only user of easy handles.
final class CurlDriver {
  private struct ActiveTransfer {
    let handle: CurlHandle
    let exchange: CurlExchange
    var idleSince: IdleWatch?
  }

  /// When to look next whether bytes have moved.
  private struct IdleWatch {
    let limit: Duration
    var deadline: ContinuousClock.Instant
    var movedBytes: Int64
  }

  private let loop: CurlLoop
  private let multi: UnsafeMutableRawPointer
  private let clock = ContinuousClock()
  private let lastWords = LastWords()
  private var active: [UnsafeMutableRawPointer: ActiveTransfer] = [:]
  private var easyHandles: [ObjectIdentifier: UnsafeMutableRawPointer] = [:]
  private var waiting = CircularBuffer<CurlExchange>()
  private var spareHandles: [CurlHandle] = []

  private static let maxSpareHandles = 64
  private static let longestSleep = 60_000

  init(loop: CurlLoop, multi: UnsafeMutableRawPointer) {
    self.loop = loop
    self.multi = multi
    quetz_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, loop.configuration.maxIdleConnections)
  }

  /// Runs until the loop is told to end.
  func run() {
    Self.blockBrokenPipeSignal()
    while true {
      let (commands, stage) = loop.take()
      commands.forEach(obey)
      if stage == .stopping {
        _ = loop.close(evenWithCommands: true)
        break
      }
      startWaiting()
      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      finishDone()
      let sleep = endIdle()
      if stage == .draining, active.isEmpty, waiting.isEmpty, loop.close(evenWithCommands: false) { break }
      if waiting.isEmpty || active.count >= loop.configuration.maxConcurrentTransfers {
        curl_multi_poll(multi, nil, 0, Int32(sleep), nil)
      }
    }
    tearDown()
  }

  /// OpenSSL writes to sockets without MSG_NOSIGNAL; a peer that hangs up must not end the process.
  private static func blockBrokenPipeSignal() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  // MARK: - Commands

  private func obey(_ command: CurlLoop.Command) {
    switch command {
    case .start(let exchange): waiting.append(exchange)
    case .resume(let exchange, _): resume(exchange)
    case .cancel(let exchange): cancel(exchange)
    }
  }

  private func resume(_ exchange: CurlExchange) {
    guard let easy = easyHandles[ObjectIdentifier(exchange)] else { return }
    // The bits say what stays paused: a direction that waits for us again since the command was posted.
    let paused = exchange.update { transfer in
      (transfer.isReceivingPaused ? CURLPAUSE_RECV : 0)
        | (transfer.upload.isReadingPaused ? CURLPAUSE_SEND : 0)
    }
    curl_easy_pause(easy, paused)
  }

  private func cancel(_ exchange: CurlExchange) {
    if let easy = easyHandles[ObjectIdentifier(exchange)] {
      remove(easy)
    } else if let index = waiting.firstIndex(where: { $0 === exchange }) {
      waiting.remove(at: index)
    }
  }

  // MARK: - Transfers

  private func startWaiting() {
    while active.count < loop.configuration.maxConcurrentTransfers, let exchange = waiting.popFirst() {
      do {
        try start(exchange)
      } catch {
        exchange.update { transfer in transfer.finish(error) }
      }
    }
  }

  private func start(_ exchange: CurlExchange) throws(TransportError) {
    guard let handle = spareHandles.popLast() ?? CurlHandle() else {
      throw TransportError(.unexpected, "libcurl has no memory for a transfer")
    }
    try handle.prepare(for: exchange, loop.configuration, lastWords)
    let result = curl_multi_add_handle(multi, handle.easy)
    guard result == CURLM_OK else {
      throw TransportError(.unexpected, String(cString: curl_multi_strerror(result)))
    }
    let watch = exchange.timeouts.idle.map { limit in
      IdleWatch(limit: limit, deadline: clock.now.advanced(by: limit), movedBytes: 0)
    }
    active[handle.easy] = ActiveTransfer(handle: handle, exchange: exchange, idleSince: watch)
    easyHandles[ObjectIdentifier(exchange)] = handle.easy
  }

  private func finishDone() {
    var easy: UnsafeMutableRawPointer?
    var result = CURLE_OK
    while quetz_curl_multi_next_finished(multi, &easy, &result) == 1 {
      guard let easy, let transfer = active[easy] else { continue }
      let error = transfer.handle.error(for: result)
      let unread = result == CURLE_SEND_ERROR ? lastWords.take(localPort: transfer.handle.localPort) : nil
      remove(easy)
      transfer.exchange.update { state in state.finish(error, unread: unread ?? []) }
    }
    lastWords.removeAll()
  }

  private func remove(_ easy: UnsafeMutableRawPointer) {
    guard let transfer = active.removeValue(forKey: easy) else { return }
    easyHandles[ObjectIdentifier(transfer.exchange)] = nil
    curl_multi_remove_handle(multi, easy)
    transfer.handle.reset()
    if spareHandles.count < Self.maxSpareHandles { spareHandles.append(transfer.handle) }
  }

  // MARK: - Idle timeout

  /// Ends transfers in which nothing moved for too long; milliseconds until the next one may be due.
  private func endIdle() -> Int {
    guard active.values.contains(where: { $0.idleSince != nil }) else { return Self.longestSleep }
    let now = clock.now
    var next = now.advanced(by: .milliseconds(Self.longestSleep))
    for (easy, transfer) in active {
      guard var watch = transfer.idleSince else { continue }
      if watch.deadline <= now {
        let moved = transfer.handle.movedBytes
        let isWaitingForUs = transfer.exchange.update { state in state.isWaitingForUs }
        guard moved != watch.movedBytes || isWaitingForUs else {
          end(easy, transfer.exchange, after: watch.limit)
          continue
        }
        watch.movedBytes = moved
        watch.deadline = now.advanced(by: watch.limit)
        active[easy]?.idleSince = watch
      }
      next = min(next, watch.deadline)
    }
    return max(1, Int(now.duration(to: next) / .milliseconds(1)) + 1)
  }

  private func end(_ easy: UnsafeMutableRawPointer, _ exchange: CurlExchange, after limit: Duration) {
    remove(easy)
    exchange.update { transfer in
      transfer.finish(TransportError(.idleTimeout, "no byte moved for \(limit)"))
    }
  }

  // MARK: - The end

  private func tearDown() {
    let (commands, _) = loop.take()
    commands.forEach(obey)
    let unfinished = waiting + active.values.map(\.exchange)
    for easy in Array(active.keys) { remove(easy) }
    for exchange in unfinished { exchange.update { transfer in transfer.finish(CurlLoop.shutDownError) } }
    waiting.removeAll()
    spareHandles.removeAll()
    curl_multi_cleanup(multi)
  }
}
