/// Which bucket blobs are to lie in, and how to reach it: what the configuration file's `[s3]` section says,
/// without the credentials.
public struct S3Configuration: Hashable, Sendable {
  /// Where the bucket's name goes in a URL.
  public enum AddressingStyle: String, Hashable, Sendable, CaseIterable {
    /// Virtual-host style at AWS, as long as the bucket's name has no dot (its certificates cover one label);
    /// path style everywhere else.
    case auto
    /// `https://endpoint/bucket/key`: works with every server.
    case path
    /// `https://bucket.endpoint/key`: what AWS wants for new buckets.
    case virtualHost = "virtual-host"
  }

  /// The least that a part of a multipart upload may have, in bytes, the last one aside; S3's limit.
  public static let smallestPart: Int64 = 5 << 20

  /// Scheme, host and port of the service, e.g. `https://s3.example.com:9000`, without a path. Empty for AWS,
  /// whose host follows from the region.
  public var endpoint: String
  /// E.g. `eu-central-1`; part of every signature. Empty to ask the server.
  public var region: String
  /// The bucket.
  public var bucket: String
  /// What the store's keys begin with in the bucket, e.g. `quetz/packages/`; empty for none. Written as it is,
  /// so it should end in `/`.
  public var keyPrefix: String
  /// Where the bucket's name goes in a URL.
  public var addressing: AddressingStyle = .auto
  /// Bodies longer than this many bytes are sent in parts.
  public var multipartThreshold: Int64 = 64 << 20
  /// Bytes of a part, at least ``smallestPart``; grows where a blob would need more than 10,000 parts.
  public var partSize: Int64 = 16 << 20
  /// Parts of one blob that are on their way at the same time. A stream's parts wait in memory: at most so
  /// many and one more.
  public var partsInParallel = 4
  /// Requests at the same time; further ones wait.
  public var maxConnections = 64
  /// Until a connection stands, TLS included.
  public var connectTimeout: Duration = .seconds(10)
  /// Without a byte in either direction.
  public var idleTimeout: Duration = .seconds(60)
  /// How long one blob's request or part is tried again before the store gives up.
  public var retryBudget: Duration = .seconds(60)
  /// Whether a missing bucket is made at the start.
  public var createBucket = false
  /// A PEM file of trusted authorities instead of the system's.
  public var caBundle: String?
  /// Whether the server's certificate is checked. `false` is for a lab; whoever starts the store warns.
  public var verifyTLS = true
  /// Where clients reach the bucket through a CDN, e.g. `https://cdn.example.com/packages`; presigned `GET` and
  /// `HEAD` URLs begin with it, instead of with the bucket's own address. `nil` for none.
  public var publicURL: String?

  /// A bucket and how to reach it, everything else at its default.
  public init(endpoint: String = "", region: String = "", bucket: String, keyPrefix: String = "") {
    self.endpoint = endpoint
    self.region = region
    self.bucket = bucket
    self.keyPrefix = keyPrefix
  }
}
