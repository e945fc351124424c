import CurlHTTP
import Foundation
import HTTPTypes
import NIOCore

/// An answer that says a request was not carried out.
///
/// Source: docs.aws.amazon.com, S3 API reference, "Error responses"; codes that only other servers send are
/// marked.
struct S3Error: Error, Sendable {
  /// What the code means, as far as the store does something about it.
  enum Kind: Hashable, Sendable {
    case noSuchKey, noSuchBucket, noSuchUpload
    case accessDenied, invalidAccessKey, signatureDoesNotMatch, expiredToken
    case wrongRegion, requestTimeTooSkewed
    case invalidRange, preconditionFailed
    case bucketExists
    case damagedInTransit
    case outOfSpace
    case overloaded
    case notImplemented
    case notS3
    case other
  }

  let kind: Kind
  let status: Int
  /// S3's own word, e.g. `NoSuchKey`; empty if the answer had none.
  let code: String
  let message: String
  /// The region that the bucket or the service has after all, if the answer names one.
  let region: String?
  let requestID: String?
  /// The server's clock when it answered.
  let serverDate: Date?
  let retryAfter: Duration?
  /// The whole size of the object, from a 416's `Content-Range: bytes */1000`.
  let objectSize: Int64?

  /// Reads an answer's head, and its body if it has one.
  init(_ response: HTTPResponse, body: ByteBuffer) {
    let fields = response.headerFields
    let root = S3XML.parse(body)
    let error = root?.name == "Error" ? root : nil
    status = response.status.code
    code = error?["Code"] ?? ""
    message = error?["Message"] ?? ""
    region = Self.present(fields[named: "x-amz-bucket-region"]) ?? Self.present(error?["Region"])
    requestID = Self.present(fields[named: "x-amz-request-id"]) ?? Self.present(error?["RequestId"])
    serverDate = fields[.date].flatMap(S3Date.parse(header:))
    retryAfter = fields[.retryAfter].flatMap { Int64($0) }.map { .seconds(min(max(0, $0), 3600)) }
    objectSize = fields[.contentRange].flatMap { text in
      text.hasPrefix("bytes */") ? Int64(text.dropFirst(8)) : nil
    }
    kind = Self.kind(code: code, status: status, hasForeignBody: error == nil && body.readableBytes > 0)
  }

  private static func present(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }

  private static func kind(code: String, status: Int, hasForeignBody: Bool) -> Kind {
    kinds[code] ?? kind(status: status, hasForeignBody: hasForeignBody)
  }

  private static let kinds: [String: Kind] = [
    "NoSuchKey": .noSuchKey, "NoSuchVersion": .noSuchKey, "NoSuchBucket": .noSuchBucket,
    "NoSuchUpload": .noSuchUpload,
    "AccessDenied": .accessDenied, "AllAccessDisabled": .accessDenied, "AccountProblem": .accessDenied,
    "InvalidAccessKeyId": .invalidAccessKey, "SignatureDoesNotMatch": .signatureDoesNotMatch,
    "ExpiredToken": .expiredToken, "InvalidToken": .expiredToken,
    "AuthorizationHeaderMalformed": .wrongRegion, "PermanentRedirect": .wrongRegion,
    "IllegalLocationConstraintException": .wrongRegion, "InvalidLocationConstraint": .wrongRegion,
    "RequestTimeTooSkewed": .requestTimeTooSkewed,
    "InvalidRange": .invalidRange, "PreconditionFailed": .preconditionFailed,
    "BucketAlreadyOwnedByYou": .bucketExists, "BucketAlreadyExists": .bucketExists,
    "BadDigest": .damagedInTransit, "InvalidDigest": .damagedInTransit, "IncompleteBody": .damagedInTransit,
    "XAmzContentSHA256Mismatch": .damagedInTransit,
    // Ceph, MinIO
    "QuotaExceeded": .outOfSpace, "XMinioStorageFull": .outOfSpace,
    "XMinioAdminBucketQuotaExceeded": .outOfSpace,
    "SlowDown": .overloaded, "ServiceUnavailable": .overloaded, "InternalError": .overloaded,
    "RequestTimeout": .overloaded, "OperationAborted": .overloaded, "TemporaryRedirect": .overloaded,
    "Throttling": .overloaded, "ThrottlingException": .overloaded, "RequestLimitExceeded": .overloaded,
    "NotImplemented": .notImplemented,
  ]

  private static func kind(status: Int, hasForeignBody: Bool) -> Kind {
    switch status {
    case 408, 425, 429, 500, 502, 503, 504: .overloaded
    case 507: .outOfSpace
    case 301, 308: .wrongRegion
    case 307: .overloaded
    case 416: .invalidRange
    case 412: .preconditionFailed
    case _ where hasForeignBody: .notS3
    case 404: .noSuchKey
    case 401, 403: .accessDenied
    case 501: .notImplemented
    default: .other
    }
  }
}

extension S3Error: CustomStringConvertible {
  /// What the server said, in one line.
  var description: String {
    var text = "the server answered \(status)"
    if !code.isEmpty { text += " \(code)" }
    if !message.isEmpty { text += " (\(message.prefix(300)))" }
    if kind == .notS3 { text += ", which is no answer of S3" }
    if let region { text += "; the region is \(region)" }
    if let requestID { text += "; request \(requestID)" }
    return text
  }
}

extension HTTPFields {
  /// The value of a field by its name in text, e.g. `x-amz-request-id`.
  subscript(named name: String) -> String? { HTTPField.Name(name).flatMap { self[$0] } }
}
