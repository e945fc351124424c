import CondaTypes
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationCompat

extension Response {
  /// A JSON answer; keys sorted, so equal bodies are equal bytes.
  static func json(_ body: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let buffer = try encoder.encodeAsByteBuffer(body, allocator: ByteBufferAllocator())
    return Response(
      status: status, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: buffer))
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
