import CurlHTTP
import Dispatch
import Foundation
import HTTPTypes
import NIOCore
import Testing

/// Failures, timeouts and cancellation: each has its kind, and nothing hangs.
struct CurlTransportFailureTests {
  let transport = CurlTransport()

  func failure(of send: () async throws -> HTTPTransportResponse) async -> TransportError? {
    await #expect(throws: TransportError.self) { _ = try await send().collect(upTo: 1 << 20) }
  }

  /// A server that reads the head, sends some bytes and then hangs up (or, without, waits for the client to).
  static func server(sending text: String, hangsUp: Bool = true) throws -> ScriptedServer {
    try ScriptedServer { connection, _ in
      _ = connection.readHead()
      try connection.write(text)
      if !hangsUp { connection.waitForEnd() }
    }
  }

  @Test(arguments: [
    ("", TransportError.Kind.connectionLost),
    ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", .truncatedBody),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", .truncatedBody),
    ("this is no HTTP\r\n\r\n", .protocolViolation),
  ])
  func tellsBrokenAnswersApart(bytes: String, kind: TransportError.Kind) async throws {
    let server = try Self.server(sending: bytes)
    let error = await failure { try await transport.send(HTTPRequest(url: server.url)) }
    #expect(error?.kind == kind, "\(error?.message ?? "")")
  }

  @Test func nothingListens() async throws {
    let server = try Self.server(sending: "")
    server.stop()
    _ = await failure { try await transport.send(HTTPRequest(url: server.url)) }
    let error = await failure { try await transport.send(HTTPRequest(url: server.url)) }
    #expect(error?.kind == .cannotConnect)
    #expect(error?.isRetryable == true)
    #expect(error?.isConnectFailure == true)
  }

  @Test func aNameWithoutAddress() async throws {
    let error = await failure { try await transport.send(HTTPRequest(url: "http://no-such-host.invalid/")) }
    #expect(error?.kind == .nameNotResolved)
  }

  @Test(arguments: ["ftp://x/", "http:///x", "nonsense", "http://user:secret@127.0.0.1/", "http://a b/"])
  func refusesURLsItCannotSend(url: String) async throws {
    let error = await failure { try await transport.send(HTTPRequest(url: url)) }
    #expect(error?.kind == .invalidRequest)
  }

  @Test func plainHTTPOnATLSRequest() async throws {
    let server = try ScriptedServer { connection, _ in
      try connection.write("HTTP/1.1 400 Bad Request\r\n\r\n")
    }
    let error = await failure {
      try await transport.send(HTTPRequest(url: "https://127.0.0.1:\(server.port)/"))
    }
    #expect(error?.kind == .tlsHandshake)
  }

  @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"])
  func givesUpWhenNothingMoves(bytes: String) async throws {
    let server = try Self.server(sending: bytes, hangsUp: false)
    let error = await failure {
      try await transport.send(
        HTTPRequest(url: server.url), body: .none, timeouts: TransferTimeouts(idle: .milliseconds(150)))
    }
    #expect(error?.kind == .idleTimeout)
  }

  @Test func givesUpWhenItTakesTooLongInAll() async throws {
    let server = try Self.server(sending: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", hangsUp: false)
    let error = await failure {
      try await transport.send(
        HTTPRequest(url: server.url), body: .none, timeouts: TransferTimeouts(total: .milliseconds(150)))
    }
    #expect(error?.kind == .totalTimeout)
  }

  @Test func aServerThatNeverReadsAnUploadIsGivenUp() async throws {
    let isOver = DispatchSemaphore(value: 0)
    defer { isOver.signal() }
    let server = try ScriptedServer { connection, _ in
      _ = connection.readHead()
      isOver.wait()
    }
    let error = await failure {
      try await transport.send(
        HTTPRequest(.put, url: server.url), body: .bytes(ByteBuffer(repeating: 1, count: 32 << 20)),
        timeouts: TransferTimeouts(idle: .milliseconds(300)))
    }
    #expect(error?.kind == .idleTimeout)
    #expect(error?.isRetryable == true)
  }

  @Test func ourOwnSlownessIsNotIdleness() async throws {
    let server = try ScriptedServer.answering { ScriptedServer.answer("200 OK", "\($0.body.count)") }
    let (stream, feed) = AsyncThrowingStream.makeStream(of: ByteBuffer.self)
    let producer = Task {
      try await Task.sleep(for: .seconds(2.5))  // the slowness itself: longer than the idle time below
      feed.yield(ByteBuffer(string: "late"))
      feed.finish()
    }
    let answer = try await transport.send(
      HTTPRequest(.post, url: server.url), body: .stream(size: nil, stream),
      timeouts: TransferTimeouts(idle: .seconds(1)))
    try await producer.value
    #expect(String(buffer: try await answer.collect(upTo: 10)) == "4")
  }

  // MARK: - Cancellation and the end

  /// A server that never answers but tells when a request came and when its client hung up.
  static func silentServer(_ events: AsyncStream<String>.Continuation) throws -> ScriptedServer {
    try ScriptedServer { connection, _ in
      _ = connection.readHead()
      events.yield("asked")
      connection.waitForEnd()
      events.yield("hung up")
    }
  }

  @Test func cancellingTheTaskClosesTheConnection() async throws {
    let (events, feed) = AsyncStream.makeStream(of: String.self)
    let server = try Self.silentServer(feed)
    let task = Task { try await transport.send(HTTPRequest(url: server.url)) }
    var seen = events.makeAsyncIterator()
    #expect(await seen.next() == "asked")
    task.cancel()
    let error = await failure { try await task.value }
    #expect(error?.kind == .cancelled)
    #expect(await seen.next() == "hung up")
  }

  @Test func aTaskAlreadyCancelledSendsNothing() async throws {
    let server = try Self.server(sending: "")
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await transport.send(HTTPRequest(url: server.url))
    }
    #expect(await failure { try await task.value }?.kind == .cancelled)
    #expect(server.connectionCount == 0)
  }

  @Test func droppingALongBodyClosesTheConnection() async throws {
    let (events, feed) = AsyncStream.makeStream(of: String.self)
    let server = try ScriptedServer { connection, _ in
      _ = connection.readHead()
      try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\nabc")
      connection.waitForEnd()
      feed.yield("hung up")
    }
    #expect(try await transport.send(HTTPRequest(url: server.url)).statusCode == 200)
    var seen = events.makeAsyncIterator()
    #expect(await seen.next() == "hung up")
  }

  @Test func cancellingABodyStreamStopsItsProducer() async throws {
    let (events, feed) = AsyncStream.makeStream(of: String.self)
    let server = try ScriptedServer { connection, _ in
      _ = connection.readHead()
      feed.yield("asked")
      connection.waitForEnd()
    }
    let (stream, upload) = AsyncThrowingStream.makeStream(of: ByteBuffer.self)
    upload.onTermination = { _ in feed.yield("producer ended") }
    let task = Task {
      try await transport.send(HTTPRequest(.post, url: server.url), body: .stream(size: nil, stream))
    }
    var seen = events.makeAsyncIterator()
    #expect(await seen.next() == "asked")
    task.cancel()
    #expect(await seen.next() == "producer ended")
    #expect(await failure { try await task.value }?.kind == .cancelled)
  }

  @Test func shuttingDownBreaksOffWhatRunsAndRefusesTheRest() async throws {
    let (events, feed) = AsyncStream.makeStream(of: String.self)
    let server = try Self.silentServer(feed)
    let transport = CurlTransport()
    let task = Task { try await transport.send(HTTPRequest(url: server.url)) }
    var seen = events.makeAsyncIterator()
    #expect(await seen.next() == "asked")
    transport.shutdown()
    #expect(await failure { try await task.value }?.kind == .shutDown)
    #expect(await failure { try await transport.send(HTTPRequest(url: server.url)) }?.kind == .shutDown)
  }

  @Test func aDroppedTransportFinishesWhatRuns() async throws {
    let server = try ScriptedServer.answering { _ in
      ScriptedServer.answer("200 OK", String(repeating: "x", count: 5 << 20))
    }
    let answer = try await CurlTransport().send(HTTPRequest(url: server.url))
    #expect(try await answer.collect(upTo: 6 << 20).readableBytes == 5 << 20)
  }
}
