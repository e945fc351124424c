import APITypes
import Backends
import CondaTypes
import Hummingbird
import Metadata

extension APIError {
  /// The one place where errors of other modules become answers; what it does not know is a 500.
  init(mapping error: any Error) {
    switch error {
    case let error as APIError: self = error
    case let error as MetadataError: self.init(metadata: error)
    case let error as BlobStoreError: self.init(blobStore: error)
    case let error as SpoolError where error.isOutOfSpace:
      self.init(.storageFull, "the server's disk is full; nothing was stored", underlying: error)
    case let error as HTTPError: self.init(hummingbird: error)
    default: self.init(.internalError, "Internal Server Error", underlying: error)
    }
  }

  private init(metadata error: MetadataError) {
    switch error.kind {
    case .outOfSpace:
      self.init(.storageFull, "the server's disk is full; nothing was stored", underlying: error)
    case .tooManyJobs(let limit, let isChannels):
      self = .tooManyJobs(limit, whose: isChannels ? "the channel has" : "you have")
    case .locked:
      self.init(
        .storageUnavailable, "the database is busy; try again", headers: [.retryAfter: "1"],
        underlying: error)
    default:
      self.init(.internalError, "Internal Server Error", underlying: error)
    }
  }

  private init(blobStore error: BlobStoreError) {
    switch error.kind {
    case .outOfSpace:
      self.init(.storageFull, "the server's disk is full; nothing was stored", underlying: error)
    case .notFound:
      self.init(
        .packageBytesMissing, "the file is listed but its bytes are missing from the store",
        headers: [.retryAfter: "60"], underlying: error
      )
    case .unavailable:
      self.init(
        .storageUnavailable, "the store cannot be reached; try again",
        headers: [.retryAfter: String(max(1, error.retryAfter?.components.seconds ?? 5))],
        underlying: error)
    case .permissionDenied, .damaged, .unexpected:
      self.init(
        .storageFailed, "the store did not do what it was asked for", headers: [.retryAfter: "60"],
        underlying: error)
    default:
      self.init(.internalError, "Internal Server Error", underlying: error)
    }
  }

  private init(hummingbird error: HTTPError) {
    switch error.status.code {
    case 413: self.init(.payloadTooLarge, "the request body is too large")
    case 400: self.init(.uploadIncomplete, "the request could not be read", underlying: error)
    default: self.init(.internalError, "Internal Server Error", underlying: error)
    }
  }
}
