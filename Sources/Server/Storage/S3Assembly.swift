import Backends
import CondaTypes
import CurlHTTP
import Logging
import S3Signer

/// Puts the parts of an S3 store together: credentials, the store, retries, the redirect, and what is done at start.
struct S3Assembly {
  let section: S3SectionConfiguration
  let environment: [String: String]
  let logger: Logger
  private let chain: CredentialsChain

  init(section: S3SectionConfiguration, environment: [String: String], logger: Logger) {
    self.section = section
    self.environment = environment
    self.logger = logger
    if !section.verifyTLS {
      logger.warning(
        "s3.verify_tls is off: anyone between this server and the bucket can read and change packages")
    }
    chain = CredentialsChain(
      configured: Credentials(
        accessKeyID: section.accessKey, secretAccessKey: section.secretKey.value,
        sessionToken: section.sessionToken?.value),
      environment: environment, proxies: HTTPProxies(environment: environment),
      onFailure: { error in
        logger.warning(
          "the S3 credentials could not be renewed; the old ones work for a while",
          metadata: ["error.cause": "\(error.message)"])
      })
  }

  /// The artifacts' store.
  func packages() throws -> PackageStorage {
    let store = try makeStore(keyPrefix: section.keyPrefix)
    return PackageStorage(
      place: StoragePlace(s3: section), store: wrapped(store), redirect: try redirect(store),
      prepare: preparation(of: store))
  }

  /// The checks' store: the same bucket, other keys.
  func checks() throws -> ChecksStorage {
    let store = try makeStore(keyPrefix: section.checkPrefix)
    let storage = PackageStorage(
      place: StoragePlace(s3: section), store: wrapped(store), prepare: preparation(of: store))
    return ChecksStorage(storage: storage) {
      // The checks remove what they put; this is for what they could not, and for the folders that some servers keep.
      for _ in 1...Self.cleaningRounds {
        let blobs = try await store.list(prefix: "").collect().map(\.key)
        try await store.delete(blobs)
        let folders = try await store.sweepFolders()
        if blobs.isEmpty && folders == 0 { break }
      }
      _ = try await store.sweepUploads(olderThan: .zero)
    }
  }

  /// How often the checks' place is cleaned until nothing is found there.
  private static let cleaningRounds = 5

  private func makeStore(keyPrefix: String, endpoint: String? = nil) throws -> S3Store {
    var configuration = section.store(keyPrefix: keyPrefix)
    if let endpoint { configuration.endpoint = endpoint }
    do throws(BlobStoreError) {
      return try S3Store(
        configuration, credentials: credentials, proxies: HTTPProxies(environment: environment),
        regionHint: { [environment] in await AWSSettings(environment: environment).region() },
        onEvent: { [logger] in Self.log($0, logger) })
    } catch {
      throw DeploymentError.storage("The [s3] section cannot be used: \(error.message).")
    }
  }

  private var credentials: any CredentialsProvider { chain }

  /// Innermost what the service does badly, outermost what the log is told: a call that was tried three times is one.
  private func wrapped(_ store: S3Store) -> any BlobStore {
    let retrying = RetryingStore(store, policy: RetryPolicy(budget: section.retryBudget))
    let verifying = VerifyingStore(retrying) { BlobLayout.digest(of: $0)?.hex }
    return ObservedStore(verifying) { [logger] call in
      logger.debug(
        "store call",
        metadata: [
          "store.verb": "\(call.verb.rawValue)", "duration_ms": "\(call.duration / .milliseconds(1))",
          "size_bytes": "\(call.bytes)", "error.kind": "\(call.failure.map { "\($0)" } ?? "-")",
        ])
    }
  }

  private func redirect(_ store: S3Store) throws -> DownloadRedirect? {
    guard section.redirect == .presigned else { return nil }
    // A URL is signed for one host: clients that know the service by another name need another signature.
    let signer = try section.presignURL.map { try makeStore(keyPrefix: section.keyPrefix, endpoint: $0) }
    return DownloadRedirect(
      policy: RedirectPolicy(credentials: section.redirectCredentials),
      target: .presigned(signer ?? store, lifetime: section.presignLifetime),
      publicBase: section.publicURL.map { $0 + "/" + section.keyPrefix })
  }

  /// Whoever prepares the store owns it alone, by the deployment's lock, so every multipart upload there is was left by
  /// a process that is gone.
  private func preparation(of store: S3Store) -> @Sendable () async throws -> Void {
    { [logger] in
      if let diagnosis = await store.diagnose() { throw DeploymentError.storage(diagnosis.description) }
      do throws(BlobStoreError) {
        let count = try await store.sweepUploads(olderThan: .zero)
        if count > 0 {
          logger.notice("ended multipart uploads of earlier processes", metadata: ["count": "\(count)"])
        }
      } catch {
        // Some services cannot list them; packages can be served all the same.
        logger.warning(
          "multipart uploads of earlier processes could not be ended",
          metadata: ["error.cause": "\(String(reflecting: error))"])
      }
    }
  }

  /// What the operator should know of the service.
  static func log(_ event: S3Event, _ logger: Logger) {
    switch event {
    case .clockSkew(let seconds):
      logger.warning(
        "this machine's clock differs from the S3 service's; requests are signed by the service's",
        metadata: ["skew_seconds": "\(seconds)"])
    case .regionFound(let region):
      logger.info("the S3 service told its region", metadata: ["s3.region": "\(region)"])
    case .bucketCreated(let bucket):
      logger.notice("made the bucket", metadata: ["s3.bucket": "\(bucket)"])
    }
  }
}
