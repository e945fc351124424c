public import S3Signer

/// Which bucket blobs are to lie in, and how to reach it: what the configuration file's `[s3]` section says.
///
/// The store that uses it comes with the S3 issue; until then no ``BackendConfiguration`` case offers S3.
public struct S3Configuration: Hashable, Sendable {
  /// Where the bucket's name goes in a URL.
  public enum AddressingStyle: Hashable, Sendable {
    /// `https://endpoint/bucket/key`: works with every server.
    case path
    /// `https://bucket.endpoint/key`: what AWS wants for new buckets.
    case virtualHost
  }

  /// Scheme, host and port of the service, e.g. `https://s3.eu-central-1.example.com:9000`, without a path.
  public var endpoint: String
  /// E.g. `eu-central-1`; part of every signature.
  public var region: String
  /// The bucket; it has to exist.
  public var bucket: String
  /// What the store's keys begin with in the bucket, e.g. `quetz/packages/`; empty for none.
  public var keyPrefix: String
  /// Where the bucket's name goes in a URL.
  public var addressingStyle: AddressingStyle
  /// What requests are signed with; `nil` to ask the environment, files and metadata services for it.
  public var credentials: Credentials?

  /// A bucket and how to reach it.
  public init(
    endpoint: String, region: String, bucket: String, keyPrefix: String = "",
    addressingStyle: AddressingStyle = .path, credentials: Credentials? = nil
  ) {
    self.endpoint = endpoint
    self.region = region
    self.bucket = bucket
    self.keyPrefix = keyPrefix
    self.addressingStyle = addressingStyle
    self.credentials = credentials
  }
}
