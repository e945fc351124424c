import CurlHTTP
import Foundation
import HTTPTypes
import NIOCore
import Testing

/// What a caller sees, against a real socket.
struct CurlTransportTests {
  let transport = CurlTransport()

  func get(_ url: String) async throws -> HTTPTransportResponse {
    try await transport.send(HTTPRequest(url: url))
  }

  @Test func bringsStatusFieldsAndBody() async throws {
    let server = try ScriptedServer.answering { _ in
      ScriptedServer.answer(
        "418 I'm a teapot", "short and stout", headers: "X-A: 1\r\nX-A: 2\r\nX-Empty:\r\n")
    }
    let answer = try await get(server.url + "/pot")
    #expect(answer.statusCode == 418)
    #expect(answer.response.status.reasonPhrase == "I'm a teapot")
    #expect(answer.headerFields[values: HTTPField.Name("X-A")!] == ["1", "2"])
    #expect(answer.headerFields[HTTPField.Name("X-Empty")!] == "")
    #expect(try await answer.collect(upTo: 100) == ByteBuffer(string: "short and stout"))
  }

  @Test(arguments: [
    "/", "/a/../../b", "/./x", "//double//", "/%2e%2e/%2F", "/a?", "/a?b=c%20d&e", "/?", "/a#b", "/sp ace",
    "/ä€",
    "/a;b,c!d+e*'()", "/back\\slash", "/%zz%", "/a?x=/../y", "*",
  ])
  func sendsTheTargetByteForByte(path: String) async throws {
    let server = try ScriptedServer.answering { ScriptedServer.answer("200 OK", $0.line) }
    let request = HTTPRequest(method: .get, scheme: "http", authority: "127.0.0.1:\(server.port)", path: path)
    let answer = try await transport.send(request)
    #expect(String(buffer: try await answer.collect(upTo: 1000)) == "GET \(path) HTTP/1.1")
  }

  @Test(arguments: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
  func sendsAnyMethodWithoutABody(method: String) async throws {
    let server = try ScriptedServer.answering { request in
      ScriptedServer.answer("200 OK", ([request.line] + request.headers).joined(separator: "\n"))
    }
    let request = try HTTPRequest(
      HTTPRequest.Method(method)!, url: server.url + "/x", headerFields: [.userAgent: "t", .ifMatch: ""])
    let seen = String(buffer: try await transport.send(request).collect(upTo: 1000)).split(separator: "\n")
    let length = ["POST", "PUT", "PATCH"].contains(method) ? ["Content-Length: 0"] : []
    #expect(seen.first == "\(method) /x HTTP/1.1")
    #expect(
      Set(seen.dropFirst().map(String.init))
        == Set(["Host: 127.0.0.1:\(server.port)", "User-Agent: t", "If-Match:"] + length))
  }

  @Test func aHeadRequestHasFieldsButNoBody() async throws {
    let server = try ScriptedServer.answering { _ in "HTTP/1.1 200 OK\r\nContent-Length: 1234567890\r\n\r\n" }
    for _ in 0..<3 {
      let answer = try await transport.send(HTTPRequest(.head, url: server.url))
      #expect(answer.headerFields[.contentLength] == "1234567890")
      #expect(try await answer.collect(upTo: 1).readableBytes == 0)
    }
    #expect(server.connectionCount == 1)
  }

  @Test func readsAChunkedBody() async throws {
    let server = try ScriptedServer.answering { _ in
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n"
    }
    let answer = try await get(server.url)
    #expect(String(buffer: try await answer.collect(upTo: 100)) == "abcde")
    #expect(answer.headerFields.count == 1)
  }

  @Test func swallowsInterimAnswers() async throws {
    let server = try ScriptedServer.answering { _ in
      "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + ScriptedServer.answer("200 OK", "ok")
    }
    let answer = try await get(server.url)
    #expect(answer.statusCode == 200)
    #expect(answer.headerFields.count == 1)
  }

  @Test func handsRedirectsToTheCaller() async throws {
    let server = try ScriptedServer.answering { _ in
      ScriptedServer.answer("307 Temporary Redirect", headers: "Location: /elsewhere\r\n")
    }
    let answer = try await get(server.url)
    #expect(answer.statusCode == 307)
    #expect(answer.headerFields[.location] == "/elsewhere")
  }

  @Test func followsRedirectsWhenAsked() async throws {
    let server = try ScriptedServer.answering { request in
      request.target == "/there"
        ? ScriptedServer.answer("200 OK", "there")
        : ScriptedServer.answer("302 Found", "ignored", headers: "Location: /there\r\n")
    }
    var configuration = CurlConfiguration()
    configuration.maxRedirects = 3
    let answer = try await CurlTransport(configuration: configuration).send(
      HTTPRequest(url: server.url + "/here"))
    #expect(answer.statusCode == 200)
    #expect(answer.headerFields[.location] == nil)
    #expect(String(buffer: try await answer.collect(upTo: 100)) == "there")
  }

  @Test func keepsConnectionsForLater() async throws {
    let server = try ScriptedServer.answering { _ in ScriptedServer.answer("200 OK", "ok") }
    for round in 0..<20 {
      let answer = try await get(server.url)
      // Bodies that nobody reads must not cost the connection either.
      if round.isMultiple(of: 2) { _ = try await answer.collect(upTo: 10) }
    }
    #expect(server.connectionCount == 1)
  }

  @Test func repeatsARequestOnAKeptConnectionThatTurnsOutDead() async throws {
    let server = try ScriptedServer { connection, _ in
      guard let request = try connection.readRequest() else { return }
      try connection.write(ScriptedServer.answer("200 OK", String(decoding: request.body, as: UTF8.self)))
    }
    for round in 0..<10 {
      let answer = try await transport.send(HTTPRequest(.put, url: server.url), body: .text("round \(round)"))
      #expect(String(buffer: try await answer.collect(upTo: 100)) == "round \(round)")
    }
    #expect(server.connectionCount == 10)
  }

  @Test func limitsTransfersAtTheSameTime() async throws {
    let server = try ScriptedServer.answering { _ in ScriptedServer.answer("200 OK", "ok") }
    var configuration = CurlConfiguration()
    configuration.maxConcurrentTransfers = 3
    let limited = CurlTransport(configuration: configuration)
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<50 {
        group.addTask { try await limited.send(HTTPRequest(url: server.url)).collect(upTo: 10).readableBytes }
      }
      for try await count in group { #expect(count == 2) }
    }
    #expect(server.connectionCount <= 3)
  }

  @Test func refusesABodyOverTheLimit() async throws {
    let server = try ScriptedServer.answering { _ in ScriptedServer.answer("200 OK", "four") }
    let error = await #expect(throws: TransportError.self) { _ = try await get(server.url).collect(upTo: 3) }
    #expect(error?.kind == .bodyTooLarge(limit: 3))
  }
}
