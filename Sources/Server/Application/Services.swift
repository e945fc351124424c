package import Backends
package import Foundation
package import Logging
package import Metadata
package import NIOPosix

/// Everything the routes need, made once by `Application+build` and passed as a value.
package struct Services: Sendable {
  package let configuration: ServerConfiguration
  package let deployment: Deployment
  /// Whether this is a `--dev` deployment, which has the password-less login.
  package let isDevelopment: Bool
  package let metadata: MetadataStore
  /// The artifacts: the only bytes that cannot be made again.
  package let packages: any BlobStore
  /// How clients fetch artifacts from the store themselves; `nil` where all bytes go through us.
  package let downloadRedirect: DownloadRedirect?
  /// Repodata, shards and the other derived files, always on local disk.
  package let documents: any LocalFileBlobStore
  /// Which of them may be served.
  package let documentTrust: DocumentTrust
  package let authenticator: Authenticator
  package let authorizer: Authorizer
  package let sessions: SessionService
  package let keyUsage: KeyUsage
  /// Failed logins and keys, per address and account.
  package let failures: FailureLimiter
  package let spool: UploadSpool
  package let indexer: ShardIndexer
  /// The shard indexes that are not in files yet.
  package let freshIndexes: FreshIndexes
  package let documentBuilder: DocumentBuilder
  package let blobGate: BlobGate
  package let downloads: DownloadService
  package let downloadCounter: DownloadCounter
  /// Answers of the read path from memory; `nil` where every request is to be logged.
  package let fastPath: FastPath?
  package let channels: ChannelService
  package let jobs: JobQueue
  package let anonymousAnswers: AnonymousAnswers
  package let requestMetrics: RequestMetrics
  package let packageMetrics: PackageMetrics
  package let freshness: Freshness
  package let startedAt: Date
  /// Where blocking work runs: hashing, archive reading, compression, small reads.
  package let threads: NIOThreadPool
  package let now: @Sendable () -> Date
  package let logger: Logger
}
