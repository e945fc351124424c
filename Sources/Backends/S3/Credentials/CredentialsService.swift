import CurlHTTP
import Foundation
import HTTPTypes
import NIOCore

/// Asks a service that hands out credentials: short answers, short waits.
struct CredentialsService: Sendable {
  /// Why there was no answer, or none that helps.
  struct Refusal: Error {
    /// A clause, e.g. "http://127.0.0.1:1 does not answer (…)"; never what was sent.
    let reason: String
    /// Whether the service may answer in a while.
    let isRetryable: Bool
    /// Whether nothing could be reached at all.
    var isUnreachable = false
  }

  /// An answer, read to its end.
  struct Answer {
    let status: Int
    let body: ByteBuffer

    /// The body as text, shortened for a message, on one line.
    var excerpt: String {
      let text = String(decoding: body.readableBytesView.prefix(200), as: UTF8.self)
      return text.split(whereSeparator: { $0.isNewline || $0.isWhitespace }).joined(separator: " ")
    }
  }

  private static let longestAnswer = 256 << 10

  let transport: any HTTPTransport
  let timeouts: TransferTimeouts

  /// Sends a request.
  ///
  /// - Parameters:
  ///   - url: Scheme, authority, path and query; named in messages, without what may be secret.
  ///   - fields: Header fields, by their names.
  func send(
    _ method: HTTPRequest.Method, _ url: String, fields: [String: String] = [:], body: HTTPRequestBody = .none
  ) async throws(Refusal) -> Answer {
    do throws(TransportError) {
      var request = try HTTPRequest(method, url: url)
      for (name, value) in fields {
        if let name = HTTPField.Name(name) { request.headerFields[name] = value }
      }
      let response = try await transport.send(request, body: body, timeouts: timeouts)
      let answer = try await response.collect(upTo: Self.longestAnswer)
      return Answer(status: response.statusCode, body: answer)
    } catch {
      // This error quotes what cannot be asked.
      let why =
        error.kind == .invalidRequest
        ? "expected an http or https URL with a host and no user" : error.message
      throw Refusal(
        reason: "\(URL.withoutSecrets(url)) does not answer (\(why))", isRetryable: error.isRetryable,
        isUnreachable: error.isConnectFailure || error.isRetryable)
    }
  }

  /// The same, where everything but a 200 is a refusal.
  func fetch(
    _ method: HTTPRequest.Method = .get, url: String, fields: [String: String] = [:]
  ) async throws(Refusal) -> ByteBuffer {
    let answer = try await send(method, url, fields: fields)
    guard answer.status == 200 else {
      throw Refusal(
        reason: "\(URL.withoutSecrets(url)) answers \(answer.status) (\(answer.excerpt))",
        isRetryable: answer.status >= 500 || answer.status == 429)
    }
    return answer.body
  }
}

extension CredentialsOutcome {
  /// A service that is in use did not help.
  static func refused(_ name: String, _ refusal: CredentialsService.Refusal) -> Self {
    .failed("\(name): \(refusal.reason)", isRetryable: refusal.isRetryable)
  }
}
