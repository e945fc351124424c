public import CurlHTTP
import Foundation
import HTTPTypes

/// Why a call to a server did not do what it should.
public enum RegistryError: Error, Sendable {
  /// The server answered no.
  case refused(Refusal)
  /// There is no answer.
  case transport(TransportError)
  /// The server answered yes, but with something else than the API promises.
  case unexpectedAnswer(String)
  /// An address that is none; the text says what was expected.
  case invalidURL(String)
  /// A local file that cannot be read.
  case unreadableFile(path: String, reason: String)

  /// Whether the same call may work a little later: 5xx, 429, and most failures of the transport.
  public var isRetryable: Bool {
    switch self {
    case .refused(let refusal): refusal.status >= 500 || refusal.status == 429
    case .transport(let error): error.isRetryable
    case .unexpectedAnswer, .invalidURL, .unreadableFile: false
    }
  }
}

extension RegistryError: CustomStringConvertible {
  /// One line for people; never holds the key.
  public var description: String {
    switch self {
    case .refused(let refusal): refusal.description
    case .transport(let error): error.message
    case .unexpectedAnswer(let text), .invalidURL(let text): text
    case .unreadableFile(let path, let reason): "\(path): \(reason)"
    }
  }
}

/// A server's no: `{"detail": …}` and what the header fields say.
///
/// ```
/// HTTP/1.1 409 Conflict
/// X-Error-Code: artifact_exists
/// X-Request-ID: 1f0c…
///
/// {"detail": "Duplicate"}
/// ```
public struct Refusal: Hashable, Sendable, CustomStringConvertible {
  /// What `detail` holds.
  public enum Detail: Hashable, Sendable {
    /// One sentence, the usual form; also the body of an answer that is not JSON.
    case text(String)
    /// Several sentences; missing server roles come as a list of one.
    case texts([String])
    /// What is wrong with the request's parameters, one object each.
    case problems([Problem])
    /// Nothing usable.
    case none
  }

  /// One entry of a validation error.
  public struct Problem: Hashable, Sendable {
    /// Where: `query`, `path`, `header` or `body`, then names and indices, e.g. `["query", "limit"]`.
    public let location: [String]
    /// What is wrong, in words.
    public let message: String
    /// The kind of mistake, e.g. `missing`.
    public let type: String?

    /// A problem put together by hand.
    public init(location: [String], message: String, type: String?) {
      self.location = location
      self.message = message
      self.type = type
    }
  }

  /// The status code.
  public let status: Int
  /// What the server says.
  public let detail: Detail
  /// `X-Error-Code`: our stable name of the mistake; absent from other servers.
  public let code: String?
  /// `X-Request-ID`: under which the server's log has more.
  public let requestID: String?
  /// `Retry-After` in seconds.
  public let retryAfter: Duration?

  /// Status and words on one line, e.g. `409 Duplicate`.
  public var description: String { text.isEmpty ? "\(status)" : "\(status) \(text)" }

  /// The server's words on one line.
  public var text: String {
    switch detail {
    case .text(let text): text
    case .texts(let texts): texts.joined(separator: "; ")
    case .problems(let problems):
      problems.map { "\($0.location.joined(separator: ".")): \($0.message)" }.joined(separator: "; ")
    case .none: ""
    }
  }
}

extension Refusal {
  private static let longestPlainText = 300

  /// Reads an answer; any body is taken, in the best form it has.
  init(_ response: HTTPResponse, body: [UInt8]) {
    status = response.status.code
    code = response.headerFields[.errorCode]
    requestID = response.headerFields[.requestID]
    retryAfter = response.headerFields[.retryAfter].flatMap { Int($0) }.map { .seconds(max(0, $0)) }
    detail =
      Self.detail(of: body)
      ?? (response.status.reasonPhrase.isEmpty ? .none : .text(response.status.reasonPhrase))
  }

  private static func detail(of body: [UInt8]) -> Detail? {
    if let answer = try? JSONDecoder().decode(ErrorAnswer.self, from: Data(body)) { return answer.detail }
    let text = String(decoding: body.prefix(longestPlainText), as: UTF8.self)
    let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    return line.isEmpty || line.hasPrefix("<") ? nil : .text(line)
  }

  /// The three forms of `{"detail": …}`.
  private struct ErrorAnswer: Decodable {
    let detail: Detail

    enum CodingKeys: CodingKey { case detail }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      if let text = try? fields.decode(String.self, forKey: .detail) {
        detail = .text(text)
      } else if let texts = try? fields.decode([String].self, forKey: .detail) {
        detail = .texts(texts)
      } else {
        detail = .problems(try fields.decode([WireProblem].self, forKey: .detail).map(\.problem))
      }
    }
  }

  private struct WireProblem: Decodable {
    enum Step: Decodable {
      case name(String)
      case index(Int)

      init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let index = try? value.decode(Int.self) {
          self = .index(index)
        } else {
          self = .name(try value.decode(String.self))
        }
      }

      var text: String {
        switch self {
        case .name(let name): name
        case .index(let index): String(index)
        }
      }
    }

    let loc: [Step]?
    let msg: String
    let type: String?

    var problem: Problem { Problem(location: loc?.map(\.text) ?? [], message: msg, type: type) }
  }
}

extension HTTPField.Name {
  // Literals of legal names; the fallbacks are never reached.
  static let apiKey = HTTPField.Name("X-API-Key") ?? .authorization
  static let errorCode = HTTPField.Name("X-Error-Code") ?? .server
  static let requestID = HTTPField.Name("X-Request-ID") ?? .server
}
