import CurlHTTP
import Foundation
import HTTPTypes
import Locks
import NIOCore
import Testing

/// Bodies of both directions: sizes, kinds, back-pressure, early answers.
struct CurlTransportBodyTests {
  let transport = CurlTransport()

  /// Answers with the length of the request's body, whether it is `pattern`, and how it was framed and asked for.
  static func echoServer() throws -> ScriptedServer {
    try ScriptedServer.answering { request in
      let framing = request.header("Transfer-Encoding") ?? request.header("Content-Length") ?? "none"
      let expect = request.header("Expect") ?? "-"
      let isPattern = request.body == pattern(request.body.count)
      return ScriptedServer.answer("200 OK", "\(request.body.count) \(isPattern) \(framing) \(expect)")
    }
  }

  static let longPattern = (0..<sizes[sizes.count - 1]).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
  static func pattern(_ count: Int) -> [UInt8] { Array(longPattern.prefix(count)) }

  static func stream(_ bytes: [UInt8], pieces: Int) -> AsyncThrowingStream<ByteBuffer, any Error> {
    let rest = Guarded(bytes[...])
    return AsyncThrowingStream {
      rest.withLock { rest in
        guard !rest.isEmpty else { return nil }
        let piece = rest.prefix(max(1, bytes.count / pieces))
        rest = rest.dropFirst(piece.count)
        return ByteBuffer(bytes: piece)
      }
    }
  }

  static let sizes = [0, 1, 1000, 65_535, 65_536, 1 << 20, 1_500_001]

  @Test(arguments: sizes)
  func sendsBytes(size: Int) async throws {
    let server = try Self.echoServer()
    let bytes = Self.pattern(size)
    let answer = try await transport.send(
      HTTPRequest(.post, url: server.url), body: .bytes(ByteBuffer(bytes: bytes)))
    let expect = size > 1 << 20 ? "100-continue" : "-"
    #expect(
      String(buffer: try await answer.collect(upTo: 100)) == "\(size) true \(size) \(expect)")
  }

  @Test(arguments: ["PUT", "POST", "DELETE"], [nil, "application/xml"])
  func aSmallBodyHasTheMethodAndTheTypeItWasGiven(method: String, type: String?) async throws {
    let server = try ScriptedServer.answering { request in
      let text = String(decoding: request.body, as: UTF8.self)
      return ScriptedServer.answer(
        "200 OK", "\(request.method) \(request.header("Content-Type") ?? "-") \(text)")
    }
    let method = try #require(HTTPRequest.Method(method))
    var request = try HTTPRequest(method, url: server.url)
    request.headerFields[.contentType] = type
    // Twice, so that the second uses a connection and a handle that were used before.
    for body in ["a=1", "b"] {
      let answer = try await transport.send(request, body: .text(body))
      #expect(String(buffer: try await answer.collect(upTo: 100)) == "\(method) \(type ?? "-") \(body)")
    }
  }

  @Test(arguments: sizes)
  func sendsAFile(size: Int) async throws {
    let server = try Self.echoServer()
    let path = NSTemporaryDirectory() + "curl-upload-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let bytes = Self.pattern(size)
    try Data(bytes + [1, 2, 3]).write(to: URL(fileURLWithPath: path))
    let answer = try await transport.send(
      HTTPRequest(.put, url: server.url), body: .file(path: path, size: Int64(size)))
    let expect = size > 1 << 20 ? "100-continue" : "-"
    #expect(
      String(buffer: try await answer.collect(upTo: 100)) == "\(size) true \(size) \(expect)")
  }

  @Test(arguments: sizes, [true, false])
  func sendsAStream(size: Int, isSizeKnown: Bool) async throws {
    let server = try Self.echoServer()
    let bytes = Self.pattern(size)
    let answer = try await transport.send(
      HTTPRequest(.post, url: server.url),
      body: .stream(size: isSizeKnown ? Int64(size) : nil, Self.stream(bytes, pieces: 37)))
    let framing = isSizeKnown ? "\(size)" : "chunked"
    let expect = !isSizeKnown || size > 1 << 20 ? "100-continue" : "-"
    #expect(
      String(buffer: try await answer.collect(upTo: 100)) == "\(size) true \(framing) \(expect)")
  }

  @Test func doesNotAskFirstWhenSwitchedOff() async throws {
    let server = try Self.echoServer()
    var configuration = CurlConfiguration()
    configuration.expectContinue = false
    let answer = try await CurlTransport(configuration: configuration).send(
      HTTPRequest(.post, url: server.url), body: .stream(size: nil, Self.stream([1, 2], pieces: 1)))
    #expect(String(buffer: try await answer.collect(upTo: 100)).hasSuffix("chunked -"))
  }

  @Test func reportsWhatABodyStreamThrew() async throws {
    struct Spilled: Error {}
    let server = try Self.echoServer()
    let stream = AsyncThrowingStream<ByteBuffer, any Error> { throw Spilled() }
    let error = await #expect(throws: TransportError.self) {
      _ = try await transport.send(HTTPRequest(.post, url: server.url), body: .stream(size: nil, stream))
    }
    #expect(error?.kind == .requestBody)
    #expect(error?.underlying is Spilled)
  }

  @Test(arguments: [3, 5])
  func refusesAStreamOfAnotherLengthThanDeclared(declared: Int64) async throws {
    let server = try Self.echoServer()
    let error = await #expect(throws: TransportError.self) {
      let body = HTTPRequestBody.stream(size: declared, Self.stream([1, 2, 3, 4], pieces: 2))
      _ = try await transport.send(HTTPRequest(.post, url: server.url), body: body)
    }
    #expect(error?.kind == .requestBody)
  }

  @Test func refusesAFileThatIsMissingOrTooShort() async throws {
    let server = try Self.echoServer()
    for (path, size) in [("/nonexistent/file", Int64(1)), ("/dev/null", 10)] {
      let error = await #expect(throws: TransportError.self) {
        _ = try await transport.send(HTTPRequest(.post, url: server.url), body: .file(path: path, size: size))
      }
      #expect(error?.kind == .requestBody)
    }
  }

  // MARK: - Answers before the body is through

  /// Refuses at the head, reads nothing of the body and hangs up, which resets the connection.
  @Test(arguments: [401, 409, 413], [true, false])
  func deliversAnEarlyRefusal(status: Int, asksFirst: Bool) async throws {
    let server = try ScriptedServer { connection, _ in
      _ = connection.readHead()
      try connection.write(ScriptedServer.answer("\(status) No", "refused", headers: "Connection: close\r\n"))
    }
    var configuration = CurlConfiguration()
    configuration.expectContinue = asksFirst
    let transport = CurlTransport(configuration: configuration)
    let body = HTTPRequestBody.bytes(ByteBuffer(repeating: 0, count: 8 << 20))
    for _ in 0..<10 {
      let answer = try await transport.send(
        HTTPRequest(.post, url: server.url), body: body)
      #expect(answer.statusCode == status)
      #expect(String(buffer: try await answer.collect(upTo: 100)) == "refused")
    }
  }

  @Test func deliversARefusalInTheMiddleOfAStream() async throws {
    let server = try ScriptedServer { connection, _ in
      _ = connection.readHead()
      try connection.write("HTTP/1.1 100 Continue\r\n\r\n")
      _ = try connection.read(1000)
      try connection.write(ScriptedServer.answer("422 No", "refused", headers: "Connection: close\r\n"))
    }
    // A stream that never ends by itself.
    let endless = AsyncThrowingStream<ByteBuffer, any Error> { ByteBuffer(repeating: 1, count: 50_000) }
    let answer = try await transport.send(
      HTTPRequest(.post, url: server.url), body: .stream(size: nil, endless))
    #expect(answer.statusCode == 422)
  }

  @Test func bringsTheAnswerWhileTheRequestIsStillGoingOut() async throws {
    let server = try ScriptedServer { connection, _ in
      _ = connection.readHead()
      try connection.write("HTTP/1.1 100 Continue\r\n\r\n")
      try connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
      // Ends only after the client has sent what it makes of the first byte.
      _ = try connection.read(5)
      try connection.write("1\r\nb\r\n0\r\n\r\n")
    }
    let (stream, feed) = AsyncThrowingStream.makeStream(of: ByteBuffer.self)
    let answer = try await transport.send(
      HTTPRequest(.post, url: server.url), body: .stream(size: nil, stream))
    var chunks = answer.body.makeAsyncIterator()
    #expect(try await chunks.next() == ByteBuffer(string: "a"))
    feed.yield(ByteBuffer(string: "after the answer began"))
    feed.finish()
    #expect(try await chunks.next() == ByteBuffer(string: "b"))
    #expect(try await chunks.next() == nil)
  }

  // MARK: - Back-pressure

  @Test func aSlowReaderStopsTheSender() async throws {
    let total = 32 << 20
    let sent = Guarded(0)
    let (sentAll, tellSentAll) = AsyncStream.makeStream(of: Void.self)
    let server = try ScriptedServer { connection, _ in
      _ = connection.readHead()
      try connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
      let piece = [UInt8](repeating: 9, count: 64 << 10)
      for _ in 0..<total / piece.count {
        try connection.write(piece)
        sent.withLock { $0 += piece.count }
      }
      tellSentAll.finish()
    }
    let answer = try await transport.send(HTTPRequest(url: server.url))
    var chunks = answer.body.makeAsyncIterator()
    var received = try await chunks.next()?.readableBytes ?? 0
    // Another request goes through while this one stands still: a paused transfer does not block the loop.
    let other = try Self.echoServer()
    for _ in 0..<20 { _ = try await transport.send(HTTPRequest(url: other.url)).collect(upTo: 100) }
    #expect(sent.withLock { $0 } < total - (8 << 20), "nobody reads, and yet almost all of the body was sent")
    while let chunk = try await chunks.next() {
      #expect(chunk.readableBytes <= 80 << 10)
      received += chunk.readableBytes
    }
    #expect(received == total)
    for await _ in sentAll {}
  }

  @Test func aSlowReceiverStopsTheProducer() async throws {
    let total = 32 << 20
    let made = Guarded(0)
    let gate = DispatchSemaphore(value: 0)
    let server = try ScriptedServer { connection, _ in
      guard var request = connection.readHead() else { return }
      try connection.write("HTTP/1.1 100 Continue\r\n\r\n")
      gate.wait()
      request.body = try connection.read(total)
      try connection.write(ScriptedServer.answer("200 OK", "\(request.body.count)"))
    }
    let stream = AsyncThrowingStream<ByteBuffer, any Error> {
      let isDone = made.withLock { made in
        guard made < total else { return true }
        made += 64 << 10
        return false
      }
      return isDone ? nil : ByteBuffer(repeating: 3, count: 64 << 10)
    }
    async let answer = transport.send(
      HTTPRequest(.put, url: server.url), body: .stream(size: Int64(total), stream))
    let other = try Self.echoServer()
    for _ in 0..<20 { _ = try await transport.send(HTTPRequest(url: other.url)).collect(upTo: 100) }
    #expect(
      made.withLock { $0 } < total - (8 << 20), "the receiver reads nothing, and yet almost all was made")
    gate.signal()
    #expect(String(buffer: try await answer.collect(upTo: 100)) == "\(total)")
  }
}
