import CurlHTTP

/// Why a request to the bucket came to nothing.
enum S3Failure: Error, Sendable {
  /// There was no answer, or it broke off.
  case transport(TransportError)
  /// The answer was a refusal.
  case refused(S3Error)
  /// The answer was a success that makes no sense.
  case nonsense(String)
  /// Nothing was sent, e.g. because there are no credentials.
  case unsent(BlobStoreError)

  /// The kind of refusal, if it was one.
  var refusal: S3Error? {
    if case .refused(let error) = self { error } else { nil }
  }

  /// In a store's terms. A blob that is to be stored was hashed before it was sent, so a server that sees
  /// another digest tells of damage on the way: the same call may succeed later.
  func blobStoreError(_ key: BlobKey?, _ action: String) -> BlobStoreError {
    switch self {
    case .unsent(let error): return error
    case .nonsense(let message):
      return BlobStoreError(.unexpected, key: key, message: "\(action): \(message)")
    case .transport(let error):
      return BlobStoreError(
        Self.kind(of: error), key: key, message: "\(action): \(error.message)", underlying: error)
    case .refused(let error):
      return BlobStoreError(
        Self.kind(of: error), key: key, message: "\(action): \(error)", underlying: error,
        retryAfter: error.retryAfter)
    }
  }

  private static func kind(of error: TransportError) -> BlobStoreError.Kind {
    if error.isRetryable { return .unavailable }
    switch error.kind {
    case .shutDown, .protocolViolation: return .unavailable
    default: return .unexpected
    }
  }

  private static func kind(of error: S3Error) -> BlobStoreError.Kind {
    switch error.kind {
    case .noSuchKey: .notFound
    case .accessDenied, .invalidAccessKey, .signatureDoesNotMatch, .expiredToken, .requestTimeTooSkewed:
      .permissionDenied
    case .overloaded, .damagedInTransit: .unavailable
    case .outOfSpace: .outOfSpace
    case .invalidRange: .rangeNotSatisfiable(size: error.objectSize ?? 0)
    case .noSuchBucket, .noSuchUpload, .wrongRegion, .preconditionFailed, .bucketExists, .notImplemented,
      .notS3,
      .other:
      .unexpected
    }
  }
}
