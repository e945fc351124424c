import CurlHTTP
import HTTPTypes
import NIOCore
import Testing

/// Proxies come from who makes the transport, never from the process's own environment.
struct CurlTransportProxyTests {
  @Test func theEnvironmentIsReadAsOthersReadIt() {
    let both = HTTPProxies(environment: [
      "http_proxy": "http://a:1", "HTTP_PROXY": "http://b:1", "HTTPS_PROXY": "http://c:1", "no_proxy": "x,.y",
    ])
    #expect(both == HTTPProxies(http: "http://a:1", https: "http://c:1", exceptions: "x,.y"))
    let all = HTTPProxies(environment: ["ALL_PROXY": "http://d:1", "http_proxy": ""])
    #expect(all.https == "http://d:1")
    #expect(HTTPProxies(environment: ["PATH": "/bin"]) == .none)
  }

  /// A proxy that answers by itself, with the request line it was sent.
  private static func proxy() throws -> ScriptedServer {
    try ScriptedServer.answering { ScriptedServer.answer("200 OK", $0.line) }
  }

  private static func transport(_ proxies: HTTPProxies) -> CurlTransport {
    var configuration = CurlConfiguration()
    configuration.proxies = proxies
    return CurlTransport(configuration: configuration)
  }

  @Test func aProxyIsAskedForTheWholeURL() async throws {
    let proxy = try Self.proxy()
    let transport = Self.transport(HTTPProxies(environment: ["http_proxy": proxy.url]))
    let answer = try await transport.send(HTTPRequest(url: "http://bucket.example.invalid/a%2Fb?x=1"))
    #expect(
      try await String(buffer: answer.collect(upTo: 1000))
        == "GET http://bucket.example.invalid/a%2Fb?x=1 HTTP/1.1")
  }

  @Test func exceptionsAreReachedDirectly() async throws {
    let (proxy, server) = (try Self.proxy(), try Self.proxy())
    let transport = Self.transport(
      HTTPProxies(environment: ["http_proxy": proxy.url, "no_proxy": "example.com,127.0.0.1"]))
    let answer = try await transport.send(HTTPRequest(url: server.url + "/direct"))
    #expect(try await String(buffer: answer.collect(upTo: 1000)) == "GET /direct HTTP/1.1")
    #expect(proxy.connectionCount == 0)
  }

  @Test func httpsGoesThroughATunnel() async throws {
    let lines = AsyncStream<String>.makeStream()
    let proxy = try ScriptedServer { connection, _ in
      lines.continuation.yield(connection.readHead()?.line ?? "")
      try connection.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    }
    let transport = Self.transport(HTTPProxies(environment: ["https_proxy": proxy.url]))
    await #expect(throws: TransportError.self) {
      try await transport.send(HTTPRequest(url: "https://bucket.example.invalid/"))
    }
    #expect(await lines.stream.first { _ in true } == "CONNECT bucket.example.invalid:443 HTTP/1.1")
  }
}
