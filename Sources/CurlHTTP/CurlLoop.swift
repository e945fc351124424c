import CCurl
import Foundation
import Locks

/// The door to the one thread that runs all transfers of a transport: a locked inbox and a bell.
///
/// ```
/// tasks ──post──▶ inbox ──take──▶ CurlDriver (thread) ──▶ libcurl's multi handle ──callbacks──▶ CurlExchange
///            └─ curl_multi_wakeup when the inbox was empty
/// ```
final class CurlLoop: Sendable {
  /// What tasks ask of the thread.
  enum Command: Sendable {
    case start(CurlExchange)
    case resume(CurlExchange, CurlTransfer.Resumption)
    case cancel(CurlExchange)
  }

  /// How far the loop's life has come.
  enum Stage: Sendable {
    case running
    /// Ends when the last transfer does; nobody can start another one.
    case draining
    /// Ends now.
    case stopping
    case stopped
  }

  private struct Inbox: Sendable {
    var commands: [Command] = []
    var stage = Stage.running
  }

  /// libcurl's multi handle; other threads may only wake it, and only while the inbox's lock shows it alive.
  struct MultiHandle: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
  }

  let configuration: CurlConfiguration
  private let multi: MultiHandle?
  private let inbox: Guarded<Inbox>

  /// libcurl's own global state, made once, before the first handle.
  private static let isInitialised = curl_global_init(Int(CURL_GLOBAL_SSL | CURL_GLOBAL_WIN32)) == CURLE_OK

  init(configuration: CurlConfiguration) {
    self.configuration = configuration
    multi = Self.isInitialised ? curl_multi_init().map(MultiHandle.init) : nil
    var start = Inbox()
    if multi == nil { start.stage = .stopped }
    inbox = Guarded(start)
  }

  /// Starts the thread; it holds the loop until it ends.
  func run() {
    guard let multi else { return }
    let thread = Thread {
      CurlDriver(loop: self, multi: multi.pointer).run()
    }
    thread.name = "curl"
    thread.start()
  }

  /// Leaves a command; a start after the end fails at once.
  func post(_ command: Command) {
    let isAccepted = inbox.withLock { inbox in
      guard inbox.stage == .running || inbox.stage == .draining else { return false }
      if inbox.commands.isEmpty { wake() }
      inbox.commands.append(command)
      return true
    }
    if !isAccepted, case .start(let exchange) = command {
      exchange.update { transfer in transfer.finish(Self.shutDownError) }
    }
  }

  /// Asks the loop to end, now or when it is idle.
  func end(_ stage: Stage) {
    inbox.withLock { inbox in
      guard inbox.stage == .running || (inbox.stage == .draining && stage == .stopping) else { return }
      inbox.stage = stage
      wake()
    }
  }

  /// Rings the bell; called with the lock held, so that the multi handle cannot be gone.
  private func wake() {
    if let multi { curl_multi_wakeup(multi.pointer) }
  }

  static let shutDownError = TransportError(.shutDown, "the HTTP transport was shut down")

  // MARK: - The thread's side

  /// Everything posted since the last call.
  func take() -> (commands: [Command], stage: Stage) {
    inbox.withLock { inbox in
      let commands = inbox.commands
      inbox.commands.removeAll()
      return (commands, inbox.stage)
    }
  }

  /// Closes the inbox for good; `false` if commands came in meanwhile and it only wants to end when idle.
  func close(evenWithCommands force: Bool) -> Bool {
    inbox.withLock { inbox in
      guard force || inbox.commands.isEmpty else { return false }
      inbox.stage = .stopped
      return true
    }
  }
}
