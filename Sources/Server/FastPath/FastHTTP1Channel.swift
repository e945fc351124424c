import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes

/// Hummingbird's HTTP/1.1 connection with `FastPath` in front of its parser.
///
/// ```
/// socket ─ FastPathHandler ─ HTTP parser ─ codec ─ RoutedAnswerHandler ─ Hummingbird's state ─ router
/// ```
struct FastHTTP1Channel: ServerChildChannel {
  typealias Value = HTTP1Channel.Value

  private let inner: HTTP1Channel
  private let fastPath: FastPath?
  private let idleTimeout: TimeAmount

  /// - Parameter fastPath: `nil` leaves everything to the router.
  init(
    responder: @escaping HTTPChannelHandler.Responder, fastPath: FastPath?,
    idleTimeout: TimeAmount = .seconds(120)
  ) {
    self.fastPath = fastPath
    self.idleTimeout = idleTimeout
    inner = HTTP1Channel(
      responder: responder,
      configuration: fastPath == nil
        ? .init(idleTimeout: idleTimeout) : .init(additionalChannelHandlers: [RoutedAnswerHandler()]))
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    guard let fastPath else { return inner.setup(channel: channel, logger: logger) }
    do {
      try channel.pipeline.syncOperations.addHandler(
        FastPathHandler(
          fastPath: fastPath, idleTimeout: idleTimeout, loop: fastPath.state(of: channel.eventLoop)))
    } catch {
      return channel.eventLoop.makeFailedFuture(error)
    }
    return inner.setup(channel: channel, logger: logger)
  }

  func handle(value: Value, logger: Logger) async { await inner.handle(value: value, logger: logger) }
}
