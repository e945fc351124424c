import APITypes
public import CurlHTTP
import Foundation
import HTTPTypes
import NIOCore

/// A typed client of one server's HTTP API.
///
/// ```swift
/// let client = try RegistryClient(serverURL: "http://127.0.0.1:8000", apiKey: key, transport: CurlTransport())
/// try await client.upload(file: "pkg-1.0-0.conda", toChannel: "channel0", force: false)
/// for channel in try await client.channels() { print(channel.name) }
/// ```
public struct RegistryClient: Sendable {
  /// The server.
  public let server: RegistryURL
  let retry: RetryPolicy
  private let credential: Credential?
  private let transport: any HTTPTransport

  static let largestAnswer = 64 << 20
  /// Requests that carry little: the server is expected to answer soon.
  private static let timeouts = TransferTimeouts(connect: .seconds(30), idle: .seconds(60))
  /// After the last byte of a package, the server checks and stores it before it answers.
  private static let uploadTimeouts = TransferTimeouts(connect: .seconds(30), idle: .seconds(600))

  /// Makes a client; nothing is sent yet.
  ///
  /// - Parameters:
  ///   - server: Where the server is.
  ///   - apiKey: Sent as `X-API-Key` with every request; `nil` or empty is anonymous.
  ///   - transport: What carries the requests.
  ///   - retry: How often and when calls are repeated.
  public init(
    server: RegistryURL, apiKey: String?, transport: any HTTPTransport, retry: RetryPolicy = .never
  ) {
    self.server = server
    self.transport = transport
    self.retry = retry
    credential = apiKey.flatMap { $0.isEmpty ? nil : Credential(key: $0) }
  }

  /// Makes a client with connections of its own.
  ///
  /// - Parameters:
  ///   - verifyTLS: Whether the server's certificate is checked.
  ///   - environment: Where `http_proxy`, `https_proxy` and `no_proxy` are looked up.
  public init(
    server: RegistryURL, apiKey: String?, verifyTLS: Bool, environment: [String: String] = [:],
    retry: RetryPolicy
  ) {
    var configuration = CurlConfiguration()
    configuration.verifyTLS = verifyTLS
    configuration.proxies = HTTPProxies(environment: environment)
    self.init(
      server: server, apiKey: apiKey, transport: CurlTransport(configuration: configuration), retry: retry)
  }

  /// Makes a client from a URL in text form.
  public init(
    serverURL: String, apiKey: String?, transport: any HTTPTransport, retry: RetryPolicy = .never
  ) throws(RegistryError) {
    self.init(server: try RegistryURL(parsing: serverURL), apiKey: apiKey, transport: transport, retry: retry)
  }

  /// Whether requests carry a key.
  public var hasKey: Bool { credential != nil }

  // MARK: - Calls

  /// GET and decode.
  func get<Answer: Decodable>(_ path: APIPath, as type: Answer.Type) async throws(RegistryError) -> Answer {
    try Self.decode(type, from: try await send(.get, path))
  }

  /// A request with JSON, or nothing, for its body.
  ///
  /// - Returns: The body of the 2xx answer.
  @discardableResult
  func send(
    _ method: HTTPRequest.Method, _ path: APIPath, json: (any Encodable & Sendable)? = nil
  ) async throws(RegistryError) -> [UInt8] {
    let body: HTTPRequestBody
    do {
      body = try json.map { .bytes(ByteBuffer(bytes: try JSONEncoder().encode($0))) } ?? .none
    } catch {
      throw .unexpectedAnswer("cannot write the request as JSON: \(error)")
    }
    return try await retry.run { () async throws(RegistryError) in
      try await sendOnce(method, path, body, json == nil ? nil : "application/json", Self.timeouts)
    }
  }

  /// Sends a package's bytes; `body` is made anew for every try.
  func sendPackage(_ path: APIPath, _ body: @Sendable () -> HTTPRequestBody) async throws(RegistryError) {
    try await retry.run { () async throws(RegistryError) in
      _ = try await sendOnce(.post, path, body(), "application/octet-stream", Self.uploadTimeouts)
    }
  }

  private func sendOnce(
    _ method: HTTPRequest.Method, _ path: APIPath, _ body: HTTPRequestBody, _ contentType: String?,
    _ timeouts: TransferTimeouts
  ) async throws(RegistryError) -> [UInt8] {
    var request = HTTPRequest(
      method: method, scheme: server.scheme, authority: server.authority, path: server.basePath + path.text)
    request.headerFields[.accept] = "application/json"
    request.headerFields[.userAgent] = "quetz-client"
    request.headerFields[.contentType] = contentType
    request.headerFields[.apiKey] = credential?.key
    do {
      let answer = try await transport.send(request, body: body, timeouts: timeouts)
      let bytes = Array(buffer: try await answer.collect(upTo: Self.largestAnswer))
      guard answer.response.status.kind == .successful else {
        throw RegistryError.refused(Refusal(answer.response, body: bytes))
      }
      return bytes
    } catch let error as TransportError {
      throw .transport(error)
    } catch let error as RegistryError {
      throw error
    } catch {
      throw .unexpectedAnswer("\(error)")
    }
  }

  static func decode<Answer: Decodable>(_ type: Answer.Type, from bytes: [UInt8]) throws(RegistryError)
    -> Answer
  {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw .unexpectedAnswer("the server's answer is not what this API promises: \(error)")
    }
  }

  /// All pages of a list, until one is empty.
  func allPages<Item: Codable & Sendable>(of path: APIPath, as type: Item.Type) async throws(RegistryError)
    -> [Item]
  {
    let pageSize = 100
    var items: [Item] = []
    while true {
      let page = try await get(
        path.query([("skip", "\(items.count)"), ("limit", "\(pageSize)")]), as: Page<Item>.self)
      if page.result.isEmpty { return items }
      items += page.result
    }
  }
}

/// A key that does not show when something that holds it is printed.
private struct Credential: Sendable, CustomStringConvertible, CustomReflectable {
  let key: String
  var description: String { "•••" }
  var customMirror: Mirror { Mirror(self, children: [:]) }
}
