import CondaTypes
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationCompat

extension Response {
  /// A JSON answer; keys sorted, so equal bodies are equal bytes.
  static func json(_ body: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    json(encoded: try encode(body), status: status)
  }

  /// A JSON answer whose bytes are there already.
  static func json(encoded: ByteBuffer, status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: encoded))
  }

  /// The bytes of a JSON answer.
  static func encode(_ body: some Encodable) throws -> ByteBuffer {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encodeAsByteBuffer(body, allocator: ByteBufferAllocator())
  }

  /// An answer from a JSON value.
  static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
    let buffer = ByteBuffer(string: value.canonicalText())
    return Response(
      status: status, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: buffer))
  }

  /// Upstream's "success without payload": the four bytes `null`.
  static func null(status: HTTPResponse.Status = .ok) -> Response { json(JSONValue.null, status: status) }

  static func temporaryRedirect(to location: String) -> Response {
    Response(status: .temporaryRedirect, headers: [.location: location, .contentLength: "0"])
  }
}
