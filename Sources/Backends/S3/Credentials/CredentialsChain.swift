public import CurlHTTP
public import Foundation
public import S3Signer

/// Finds credentials the way AWS's tools do, in the first place that has some, and keeps them fresh.
///
/// In order: the configured keys, the environment, the profile in `~/.aws`, a web identity, the container's
/// endpoint, the instance's metadata. A place that is in use but does not work ends the search.
public struct CredentialsChain: CredentialsProvider {
  private let refreshing: RefreshingCredentials

  /// A chain with HTTP transports of its own.
  ///
  /// - Parameters:
  ///   - configured: The keys of the configuration file; `nil` or empty ones mean: look elsewhere.
  ///   - environment: The process's variables.
  ///   - proxies: The way to STS; container and instance are always asked directly.
  ///   - now: The clock that expiry is measured by.
  ///   - onFailure: Called with what went wrong when credentials could not be renewed but still work; for the log.
  public init(
    configured: Credentials?, environment: [String: String], proxies: HTTPProxies = .none,
    now: @escaping @Sendable () -> Date = { Date() },
    onFailure: @escaping @Sendable (BlobStoreError) -> Void = { _ in }
  ) {
    var remote = CurlConfiguration()
    remote.proxies = proxies
    remote.caBundle = environment["AWS_CA_BUNDLE"].flatMap { $0.isEmpty ? nil : $0 }
    var near = remote
    near.proxies = .none
    self.init(
      configured: configured, settings: AWSSettings(environment: environment),
      remote: LazyTransport(remote), near: LazyTransport(near), now: now, onFailure: onFailure)
  }

  /// A chain that sends through `remote` to STS and through `near` to the container's and the instance's services.
  init(
    configured: Credentials?, settings: AWSSettings, remote: any HTTPTransport, near: any HTTPTransport,
    now: @escaping @Sendable () -> Date, onFailure: @escaping @Sendable (BlobStoreError) -> Void = { _ in }
  ) {
    let patient = TransferTimeouts(connect: .seconds(5), idle: .seconds(10), total: .seconds(20))
    // Where there is no metadata service, nothing answers at its address, and a start should not hang on that.
    let hasty = TransferTimeouts(connect: .seconds(1), idle: .seconds(3), total: .seconds(5))
    let sources: [any CredentialsSource] = [
      ConfiguredCredentials(credentials: configured),
      EnvironmentCredentials(settings: settings),
      SharedFileCredentials(settings: settings),
      WebIdentityCredentials(
        settings: settings, service: CredentialsService(transport: remote, timeouts: patient)),
      ContainerCredentials(
        settings: settings, service: CredentialsService(transport: near, timeouts: patient)),
      InstanceCredentials(settings: settings, service: CredentialsService(transport: near, timeouts: hasty)),
    ]
    refreshing = RefreshingCredentials(now: now, onFailure: onFailure) {
      await Self.find(sources, now: now)
    }
  }

  /// Credentials that are valid now; see ``CredentialsProvider``.
  public func credentials() async throws(BlobStoreError) -> Credentials {
    try await refreshing.credentials()
  }

  private static func find(
    _ sources: [any CredentialsSource], now: @Sendable () -> Date
  ) async -> RefreshingCredentials.Outcome {
    var reasons: [String] = []
    for source in sources {
      switch await source.find() {
      case .found(let credentials):
        guard let left = credentials.timeLeft(at: now()), left <= 0 else { return .success(credentials) }
        let reason =
          "the credentials found had expired \(Int(-left)) s before; is this machine's clock right?"
        return .failure(failure(reason, isRetryable: true, passed: reasons))
      case .nothing(let reason): reasons.append(reason)
      case .failed(let reason, let isRetryable):
        return .failure(failure(reason, isRetryable: isRetryable, passed: reasons))
      }
    }
    return .failure(
      BlobStoreError(
        .permissionDenied,
        message: "there are no credentials for S3: \(reasons.joined(separator: "; ")); set access_key and "
          + "secret_key in [s3], or provide one of the others"))
  }

  private static func failure(_ reason: String, isRetryable: Bool, passed: [String]) -> BlobStoreError {
    let advice = isRetryable ? "it is tried again" : "mend that, or set access_key and secret_key in [s3]"
    let before = passed.isEmpty ? "" : " (before that: \(passed.joined(separator: "; ")))"
    return BlobStoreError(
      isRetryable ? .unavailable : .permissionDenied,
      message: "the credentials for S3 cannot be had: \(reason); \(advice)\(before)")
  }
}
