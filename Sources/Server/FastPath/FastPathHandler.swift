import NIOCore

/// Stands between a connection's bytes and the HTTP parser, and answers what `FastPath` knows.
///
/// Requests and answers keep their order: while the router works on a request, or a file is on its way, what comes after
/// it waits here. Once a connection sends anything but plain GETs and HEADs it belongs to the parser for good.
///
/// It also ends idle connections, since Hummingbird's own handler does not see the requests answered here.
final class FastPathHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = IOData
  typealias OutboundOut = IOData

  /// Bytes of a long body per piece, by what the client takes: one that takes none of it for the idle time is given up.
  private static let pieces = (1 << 20)...(16 << 20)
  /// What may wait here before no more is read.
  private static let mostWaiting = 64 << 10

  private enum Mode {
    /// The next request may be answered here.
    case ready
    /// A file, or a long body in memory, is being sent.
    case sending
    /// The router works on a request.
    case routed
    /// The connection is the parser's.
    case passing
    /// No more requests are taken.
    case ending
  }

  private let fastPath: FastPath
  private let idleTimeout: TimeAmount
  private let loop: LoopState
  private var mode = Mode.ready
  private var waiting = ByteBuffer()
  private var isReadHeld = false
  /// Whether anything of the last read went on to the parser.
  private var hasPassedBytes = false
  /// Requests that the router has begun and not answered, and whether one of them is still arriving.
  private var routedRequests = 0
  private var isRequestArriving = false
  private var lastActivity = NIODeadline.now()
  private var idleTimer: Scheduled<Void>?
  private var isActive = true
  /// Ends that wait until what was asked before them is answered.
  private var heldEvents: [Any] = []

  init(fastPath: FastPath, idleTimeout: TimeAmount, loop: LoopState) {
    self.fastPath = fastPath
    self.idleTimeout = idleTimeout
    self.loop = loop
  }

  func handlerAdded(context: ChannelHandlerContext) {
    // A head comes in one piece: a second read would only find that there is nothing.
    try? context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
    watchIdleness(context, after: idleTimeout)
  }

  func handlerRemoved(context: ChannelHandlerContext) { idleTimer?.cancel() }

  func channelInactive(context: ChannelHandlerContext) {
    isActive = false
    idleTimer?.cancel()
    context.fireChannelInactive()
  }

  // MARK: - Bytes from the client

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    lastActivity = .now()
    var bytes = unwrapInboundIn(data)
    if mode == .passing { return give(data, context) }
    if waiting.readableBytes == 0 { waiting = bytes } else { waiting.writeBuffer(&bytes) }
    proceed(context)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    context.flush()
    if hasPassedBytes || mode != .ready {
      hasPassedBytes = false
      context.fireChannelReadComplete()
    } else if !mustHoldRead(context) {
      // The handlers behind saw nothing: to ask them all whether to read on is an eighth of a small answer's cost.
      context.read()
    }
  }

  private func give(_ data: NIOAny, _ context: ChannelHandlerContext) {
    hasPassedBytes = true
    context.fireChannelRead(data)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    context.fireChannelWritabilityChanged()
    resume(context)
  }

  /// Reading goes on only while there is room for what is read.
  func read(context: ChannelHandlerContext) {
    if mustHoldRead(context) { isReadHeld = true } else { context.read() }
  }

  private func mustHoldRead(_ context: ChannelHandlerContext) -> Bool {
    switch mode {
    case .passing: false
    case .ready: !context.channel.isWritable && waiting.readableBytes > 0
    case .sending, .routed, .ending: waiting.readableBytes >= Self.mostWaiting
    }
  }

  /// Goes on with what waits, outside of a read.
  private func resume(_ context: ChannelHandlerContext) {
    if mode == .ready, waiting.readableBytes > 0 {
      proceed(context)
      context.flush()
      context.fireChannelReadComplete()
    }
    if isReadHeld, !mustHoldRead(context) {
      isReadHeld = false
      context.read()
    }
    releaseEvents(context)
  }

  private func proceed(_ context: ChannelHandlerContext) {
    while mode == .ready, waiting.readableBytes > 0, context.channel.isWritable {
      let outcome = waiting.withUnsafeReadableBytes { bytes -> (ScannedRequest.Outcome, FastPath.Reply?) in
        let outcome = ScannedRequest.scan(bytes)
        guard case .request(let request) = outcome else { return (outcome, nil) }
        return (outcome, fastPath.reply(to: request, in: bytes, loop))
      }
      switch outcome {
      case (.incomplete, _): return
      case (.other, _): pass(context)
      case (.request(let request), let reply?):
        waiting.moveReaderIndex(forwardBy: request.length)
        send(reply, closes: request.closes, context)
      case (.request(let request), nil): route(request, context)
      }
    }
    if waiting.readableBytes == 0 { waiting = ByteBuffer() }
  }

  /// Leaves the connection to the parser.
  private func pass(_ context: ChannelHandlerContext) {
    mode = .passing
    try? context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: 4)  // bodies come in many pieces
    let bytes = waiting
    waiting = ByteBuffer()
    give(wrapInboundOut(bytes), context)
  }

  /// Gives one request to the router. One that ends the connection takes the rest of it along.
  private func route(_ request: ScannedRequest, _ context: ChannelHandlerContext) {
    if request.closes { return pass(context) }
    guard let bytes = waiting.readSlice(length: request.length) else { return }
    mode = .routed
    give(wrapInboundOut(bytes), context)
  }

  // MARK: - Answers

  private func send(_ reply: FastPath.Reply, closes: Bool, _ context: ChannelHandlerContext) {
    switch reply {
    case .whole(let bytes):
      if closes { return end(after: bytes, context) }
      context.write(wrapOutboundOut(.byteBuffer(bytes)), promise: nil)
    case .pieces(let head, let body):
      mode = .sending
      context.write(wrapOutboundOut(.byteBuffer(head)), promise: nil)
      send(body, 0..<body.size, by: Self.pieces.lowerBound, closes: closes, context)
    }
  }

  private func send(
    _ body: FastAnswer.Body, _ range: Range<Int>, by piece: Int, closes: Bool,
    _ context: ChannelHandlerContext
  ) {
    let (start, began) = (range.lowerBound, NIODeadline.now())
    let end = min(start + piece, range.upperBound)
    let done = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(body.piece(start..<end)), promise: done)
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    done.futureResult.whenComplete { result in
      withExtendedLifetime(body) {
        let (handler, context) = bound.value
        handler.lastActivity = .now()
        guard case .success = result else { return context.close(promise: nil) }
        if end < range.upperBound {
          let isFast = handler.lastActivity - began < .milliseconds(500)
          let next = isFast ? min(piece * 2, Self.pieces.upperBound) : max(piece / 2, Self.pieces.lowerBound)
          return handler.send(body, end..<range.upperBound, by: next, closes: closes, context)
        }
        if closes { return handler.end(after: ByteBuffer(), context) }
        if handler.mode == .sending { handler.mode = .ready }
        handler.resume(context)
      }
    }
  }

  /// Closes the connection once everything written before has left.
  private func end(after bytes: ByteBuffer, _ context: ChannelHandlerContext) {
    mode = .ending
    waiting = ByteBuffer()
    afterWrites(bytes, context) { $0.close(promise: nil) }
  }

  private func afterWrites(
    _ bytes: ByteBuffer, _ context: ChannelHandlerContext, _ body: @escaping (ChannelHandlerContext) -> Void
  ) {
    let written = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(.byteBuffer(bytes)), promise: written)
    let bound = NIOLoopBound((context, body), eventLoop: context.eventLoop)
    written.futureResult.whenComplete { _ in bound.value.1(bound.value.0) }
  }

  // MARK: - What the router does, as `RoutedAnswerHandler` sees it

  func requestBegan() {
    routedRequests += 1
    isRequestArriving = true
  }

  func requestArrived() { isRequestArriving = false }

  func requestAnswered(_ context: ChannelHandlerContext) {
    routedRequests -= 1
    lastActivity = .now()
    guard mode == .routed else { return }
    mode = .ready
    resume(context)
  }

  // MARK: - Ends

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is ChannelShouldQuiesceEvent:
      // The server stops: what has not begun is not begun any more.
      waiting = ByteBuffer()
      hold(event, context)
    case ChannelEvent.inputClosed:
      // The client sends no more, but may well wait for its answers.
      hold(event, context)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  private func hold(_ event: Any, _ context: ChannelHandlerContext) {
    let isRouters = mode == .passing || mode == .routed && waiting.readableBytes == 0
    if isRouters { return context.fireUserInboundEventTriggered(event) }
    heldEvents.append(event)
    releaseEvents(context)
  }

  /// Passes the ends on, once nothing that came before them waits or is on its way.
  private func releaseEvents(_ context: ChannelHandlerContext) {
    guard !heldEvents.isEmpty, mode == .ready || mode == .passing, context.channel.isWritable else { return }
    let events = NIOLoopBound(heldEvents, eventLoop: context.eventLoop)
    heldEvents = []
    afterWrites(ByteBuffer(), context) { context in
      for event in events.value { context.fireUserInboundEventTriggered(event) }
    }
  }

  private func watchIdleness(_ context: ChannelHandlerContext, after delay: TimeAmount) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    idleTimer = context.eventLoop.scheduleTask(in: delay) {
      let (handler, context) = bound.value
      guard handler.isActive else { return }
      let rest = handler.lastActivity + handler.idleTimeout - .now()
      let isWorking = handler.routedRequests > 0 && !handler.isRequestArriving
      if !isWorking, rest <= .zero { return context.close(promise: nil) }
      handler.watchIdleness(context, after: isWorking ? handler.idleTimeout : max(rest, .milliseconds(1)))
    }
  }
}
