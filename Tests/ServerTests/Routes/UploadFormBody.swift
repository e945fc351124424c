import CurlHTTP
import HTTPTypes
import NIOCore
import TestSupport

/// A `multipart/form-data` body, written part by part in the order given.
struct UploadFormBody {
  static let boundary = "----test-boundary-7d1f"
  private(set) var bytes: [UInt8] = []

  /// Adds a file in the field `files`.
  func file(_ name: String, _ content: [UInt8], field: String = "files") -> Self {
    part("name=\"\(field)\"; filename=\"\(name)\"", content, type: "application/octet-stream")
  }

  /// Adds what a builder makes.
  func file(_ package: PackageBuilder) throws -> Self { file(package.fileName, try package.bytes()) }

  /// Adds a plain field.
  func field(_ name: String, _ value: String) -> Self { part("name=\"\(name)\"", Array(value.utf8)) }

  /// Adds a part with this text after `Content-Disposition: form-data; `.
  func part(_ disposition: String, _ content: [UInt8], type: String? = nil) -> Self {
    var copy = self
    copy.bytes += Array("--\(Self.boundary)\r\nContent-Disposition: form-data; \(disposition)\r\n".utf8)
    if let type { copy.bytes += Array("Content-Type: \(type)\r\n".utf8) }
    copy.bytes += Array("\r\n".utf8) + content + Array("\r\n".utf8)
    return copy
  }

  /// The whole body, with its closing boundary.
  var finished: [UInt8] { bytes + Array("--\(Self.boundary)--\r\n".utf8) }
}

extension TestApp {
  /// Posts a form to `/api/channels/{channel}/files/` or, with a package, to that package's route.
  func uploadForm(
    _ form: UploadFormBody, to channel: String, package: String? = nil, as user: String? = "owner"
  ) async throws -> Answer {
    try await uploadForm(bytes: form.finished, to: channel, package: package, as: user)
  }

  /// Posts the bytes of a form, which may be broken.
  func uploadForm(
    bytes: [UInt8], to channel: String, package: String? = nil, as user: String? = "owner",
    contentType: String = "multipart/form-data; boundary=\(UploadFormBody.boundary)"
  ) async throws -> Answer {
    let path =
      package.map { "/api/channels/\(channel)/packages/\($0)/files/" } ?? "/api/channels/\(channel)/files/"
    return try await send(
      .post, path, as: user, headers: [.contentType: contentType], body: .bytes(ByteBuffer(bytes: bytes)))
  }
}
