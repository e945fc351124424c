import CurlHTTP
import Foundation
import HTTPTypes
import Locks
import NIOCore

/// A transport whose answers a test writes down beforehand, in order, and whose requests it can look at.
final class ScriptedTransport: HTTPTransport {
  /// A request as it was sent.
  struct Sent: Sendable {
    let method: String
    let path: String
    let authority: String
    let fields: HTTPFields
    let body: String

    /// A field's value by its name in text.
    func field(_ name: String) -> String? { HTTPField.Name(name).flatMap { fields[$0] } }
  }

  /// What comes back.
  enum Answer: Sendable {
    case status(Int, String, [String: String])
    case failure(TransportError.Kind)
    /// The body breaks off with this error behind its bytes.
    case cut(Int, String, [String: String], TransportError.Kind)

    static func xml(_ text: String, _ status: Int = 200) -> Answer { .status(status, text, [:]) }
    static func error(_ status: Int, _ code: String, _ more: String = "", _ fields: [String: String] = [:])
      -> Answer
    {
      .status(status, "<Error><Code>\(code)</Code><Message>m</Message>\(more)</Error>", fields)
    }
  }

  private struct State: Sendable {
    var answers: [Answer]
    var sent: [Sent] = []
  }

  private let state: Guarded<State>

  init(_ answers: [Answer]) { state = Guarded(State(answers: answers)) }

  var sent: [Sent] { state.withLock { $0.sent } }
  /// Answers that nobody asked for; a test expects none.
  var unused: Int { state.withLock { $0.answers.count } }

  func send(
    _ request: HTTPRequest, body: HTTPRequestBody, timeouts: TransferTimeouts
  ) async throws(TransportError) -> HTTPTransportResponse {
    let text: String
    switch body {
    case .bytes(let buffer): text = String(buffer: buffer)
    case .file(let path, let offset, let size):
      let data = FileManager.default.contents(atPath: path) ?? Data()
      text = String(decoding: data.dropFirst(Int(offset)).prefix(Int(size)), as: UTF8.self)
    default: text = ""
    }
    let sent = Sent(
      method: request.method.rawValue, path: request.path ?? "", authority: request.authority ?? "",
      fields: request.headerFields, body: text)
    let answer = state.withLock { state -> Answer? in
      state.sent.append(sent)
      return state.answers.isEmpty ? nil : state.answers.removeFirst()
    }
    switch answer {
    case .status(let code, let body, let fields):
      return Self.response(
        code, fields, HTTPResponseBody(body.isEmpty ? [] : [ByteBuffer(string: body)]), body, request)
    case .cut(let code, let body, let fields, let kind):
      return Self.response(code, fields, HTTPResponseBody(CutBody(text: body, kind: kind)), body, request)
    case .failure(let kind): throw TransportError(kind, "scripted")
    case nil: throw TransportError(.unexpected, "the script has no answer for \(sent.method) \(sent.path)")
    }
  }

  private static func response(
    _ code: Int, _ fields: [String: String], _ body: HTTPResponseBody, _ text: String, _ request: HTTPRequest
  ) -> HTTPTransportResponse {
    var head = HTTPResponse(status: .init(code: code))
    for (name, value) in fields {
      if let name = HTTPField.Name(name) { head.headerFields[name] = value }
    }
    if head.headerFields[.contentLength] == nil {
      head.headerFields[.contentLength] = String(text.utf8.count)
    }
    return HTTPTransportResponse(response: head, body: request.method == .head ? HTTPResponseBody([]) : body)
  }
}

/// A body of one chunk that then breaks off.
private struct CutBody: AsyncSequence, Sendable {
  typealias Element = ByteBuffer
  typealias Failure = TransportError

  let text: String
  let kind: TransportError.Kind

  struct AsyncIterator: AsyncIteratorProtocol {
    var text: String?
    let kind: TransportError.Kind

    mutating func next(isolation actor: isolated (any Actor)?) async throws(TransportError) -> ByteBuffer? {
      guard let text else { throw TransportError(kind, "scripted") }
      self.text = nil
      return ByteBuffer(string: text)
    }

    mutating func next() async throws(TransportError) -> ByteBuffer? { try await next(isolation: nil) }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(text: text, kind: kind) }
}
