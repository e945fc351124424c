import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Tells the connection's `FastPathHandler` where requests of the router begin and end; stands behind the HTTP codec.
final class RoutedAnswerHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private var first: (handler: FastPathHandler, context: ChannelHandlerContext)?

  func handlerAdded(context: ChannelHandlerContext) {
    guard let first = try? context.pipeline.syncOperations.context(handlerType: FastPathHandler.self),
      let handler = first.handler as? FastPathHandler
    else { return }
    self.first = (handler, first)
  }

  func handlerRemoved(context: ChannelHandlerContext) { first = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head: first?.handler.requestBegan()
    case .body: break
    case .end: first?.handler.requestArrived()
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let part = unwrapOutboundIn(data)
    context.write(data, promise: promise)
    if case .end = part, let first { first.handler.requestAnswered(first.context) }
  }
}
