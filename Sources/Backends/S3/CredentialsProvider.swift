public import S3Signer

/// Something that knows what requests are to be signed with right now.
///
/// Meant to be asked before every request: what it found is kept until shortly before it expires, so that asking
/// costs nothing in between.
public protocol CredentialsProvider: Sendable {
  /// Credentials that are valid now.
  ///
  /// - Throws: `.permissionDenied` if there are none to be had, with one sentence on what was tried and what to do;
  ///   `.unavailable` if a service that has them cannot be reached for the moment.
  func credentials() async throws(BlobStoreError) -> Credentials
}

/// Credentials from the configuration file: always the same ones.
public struct StaticCredentials: CredentialsProvider {
  private let known: Credentials

  /// A provider of these credentials and no others.
  public init(_ credentials: Credentials) { known = credentials }

  /// The credentials, at once.
  public func credentials() async throws(BlobStoreError) -> Credentials { known }
}
