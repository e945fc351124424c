import Foundation
import HTTPTypes

extension S3Client {
  /// What a head says about an object.
  struct ObjectHead: Sendable {
    let size: Int64
    let modified: Date
    let etag: String?
    /// The key that an object with a shortened name stands for; see ``ObjectNames``.
    let blobKey: String?
    /// The SHA-256 that the object was stored with; `nil` for parts, and for objects that others stored.
    let sha256: String?

    /// The metadata that has it.
    static let digestName = "x-amz-meta-sha256"

    /// Reads the fields of an answer about a whole object of `size` bytes.
    init(size: Int64, _ fields: HTTPFields) {
      self.size = size
      modified = fields[.lastModified].flatMap(S3Date.parse(header:)) ?? Date(timeIntervalSince1970: 0)
      etag = fields[.eTag].map(ObjectHead.unquoted)
      sha256 = fields[named: Self.digestName].flatMap { $0.utf8.count == 64 ? $0 : nil }
      blobKey = ObjectNames.blobKey(fromMetadata: fields)
    }

    /// An ETag as stores hand it out: opaque, without quotes. Those of multipart uploads are no MD5 of the bytes.
    static func unquoted(_ etag: String) -> String {
      let strong = etag.hasPrefix("W/") ? String(etag.dropFirst(2)) : etag
      return strong.count >= 2 && strong.hasPrefix("\"") && strong.hasSuffix("\"")
        ? String(strong.dropFirst().dropLast()) : strong
    }
  }

  /// Asks for an object's size and date.
  func headObject(_ objectKey: String) async throws(S3Failure) -> ObjectHead {
    let fields = try await head(of: S3Request(.head, objectKey))
    guard let size = fields[.contentLength].flatMap({ Int64($0) }), size >= 0 else {
      throw .nonsense("the answer to HEAD has no Content-Length")
    }
    return ObjectHead(size: size, fields)
  }
}
