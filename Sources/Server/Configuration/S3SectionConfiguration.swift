import Backends

/// `[s3]`: artifacts lie in a bucket. The section counts as soon as it has a key; without it they lie in `packages/`.
///
/// Upstream's keys:
/// - `access_key`, `secret_key` (strings, ""): both or neither; empty ones leave it to the environment, the shared
///   files, a web identity, the container or the instance, in that order.
/// - `url` (string, "https://s3.amazonaws.com"): the service, without a path.
/// - `region` (string, ""): empty asks the service, first where `AWS_REGION`, `AWS_DEFAULT_REGION` or the profile says.
/// - `bucket_name` (string, required).
/// - `bucket_prefix`, `bucket_suffix` (strings, ""): keys begin with `<bucket_prefix>packages<bucket_suffix>/`
///   (decision 0013).
///
/// Ours:
/// - `session_token` (string, ""): belongs to temporary keys.
/// - `addressing` ("auto"): `path`, `virtual-host`, or whichever suits the endpoint.
/// - `redirect` ("presigned"): whether clients fetch artifacts from the bucket themselves, or `never`.
/// - `redirect_credentials` ("safe"): `safe` proxies to clients that would carry their key along; `all` redirects them.
/// - `presign_url` (string, ""): the service as clients reach it, where that is another address than `url`.
/// - `public_url` (string, ""): a CDN in front of the bucket, for the artifacts of public channels.
/// - `presign_ttl` (seconds, 3600): how long a presigned URL works, 1 s to 7 days.
/// - `multipart_threshold` (size, 64 MiB), `part_size` (size, 16 MiB): from where on, and in what parts, a file is sent.
/// - `max_connections` (int, 64): to the service at the same time.
/// - `connect_timeout`, `idle_timeout`, `retry_budget` (seconds, 10, 30, 20).
/// - `create_bucket` (bool, false), `ca_bundle` (path, ""), `verify_tls` (bool, true).
package struct S3SectionConfiguration: Sendable {
  /// Whether clients are sent to the bucket.
  package enum Redirect: String, CaseIterable, Sendable {
    case presigned, never
  }

  /// Where the bucket's name goes in a URL.
  package enum Addressing: String, CaseIterable, Sendable {
    case auto, path
    case virtualHost = "virtual-host"
  }

  /// The service's own address where nothing else is said.
  static let defaultURL = "https://s3.amazonaws.com"

  package var accessKey: String
  package var secretKey: Secret<String>
  package var sessionToken: Secret<String>?
  /// Scheme, host and port.
  package var url: String
  package var region: String?
  package var bucket: String
  /// What every key begins with; ends in `/`.
  package var keyPrefix: String
  /// The same with another word in the middle: for what must not mix with the artifacts.
  package var checkPrefix: String
  package var addressing: Addressing
  package var redirect: Redirect
  package var redirectCredentials: RedirectPolicy.Credentials
  package var presignURL: String?
  /// Without a slash at its end.
  package var publicURL: String?
  package var presignLifetime: Duration
  package var multipartThreshold: ByteSize
  package var partSize: ByteSize
  package var maxConnections: Int
  package var connectTimeout: Duration
  package var idleTimeout: Duration
  package var retryBudget: Duration
  package var createBucket: Bool
  package var caBundle: String?
  package var verifyTLS: Bool

  /// - Returns: `nil` if the section is absent or empty.
  package init?(reading reader: inout ConfigurationReader) {
    let isConfigured = reader.isConfigured("s3")
    accessKey = reader.string("s3", "access_key", default: "")
    secretKey = Secret(reader.secretString("s3", "secret_key"))
    let token = reader.secretString("s3", "session_token")
    sessionToken = token.isEmpty ? nil : Secret(token)
    url = reader.string("s3", "url", default: Self.defaultURL)
    region = reader.optionalString("s3", "region")
    bucket = reader.string("s3", "bucket_name", default: "")
    let prefix = reader.string("s3", "bucket_prefix", default: "")
    let suffix = reader.string("s3", "bucket_suffix", default: "")
    keyPrefix = prefix + "packages" + suffix + "/"
    checkPrefix = prefix + "check-storage" + suffix + "/"
    addressing = reader.choice("s3", "addressing", default: .auto)
    redirect = reader.choice("s3", "redirect", default: .presigned)
    redirectCredentials = reader.choice("s3", "redirect_credentials", default: .safe)
    presignURL = reader.optionalString("s3", "presign_url")
    publicURL = reader.optionalString("s3", "public_url")
    presignLifetime = .seconds(reader.integer("s3", "presign_ttl", default: 3600, in: 1...604_800))
    let sizes = ByteSize(bytes: 5 << 20)...ByteSize(bytes: 5 << 30)
    multipartThreshold = reader.byteSize(
      "s3", "multipart_threshold", default: ByteSize(bytes: 64 << 20), in: sizes)
    partSize = reader.byteSize("s3", "part_size", default: ByteSize(bytes: 16 << 20), in: sizes)
    maxConnections = Int(reader.integer("s3", "max_connections", default: 64, in: 1...1024))
    connectTimeout = .seconds(reader.integer("s3", "connect_timeout", default: 10, in: 1...600))
    idleTimeout = .seconds(reader.integer("s3", "idle_timeout", default: 30, in: 1...3600))
    retryBudget = .seconds(reader.integer("s3", "retry_budget", default: 20, in: 0...600))
    createBucket = reader.bool("s3", "create_bucket", default: false)
    caBundle = reader.optionalString("s3", "ca_bundle")
    verifyTLS = reader.bool("s3", "verify_tls", default: true)
    guard isConfigured else { return nil }
    reportMistakes(&reader)
  }

  /// What no single key shows.
  private mutating func reportMistakes(_ reader: inout ConfigurationReader) {
    if bucket.isEmpty {
      reader.report("s3", "bucket_name", "'bucket_name' unset but no default specified for section 's3'")
    } else if !Self.isBucketName(bucket) {
      reader.report(
        "s3", "bucket_name",
        "found \"\(bucket)\", expected 3 to 63 lower-case letters, digits, dots and hyphens")
    }
    if accessKey.isEmpty != secretKey.value.isEmpty {
      reader.report(
        "s3", accessKey.isEmpty ? "access_key" : "secret_key",
        "found only one of access_key and secret_key, expected both, or neither to use the environment's")
    }
    if sessionToken != nil, accessKey.isEmpty {
      reader.report("s3", "session_token", "found a token without access_key and secret_key")
    }
    if let problem = Self.problem(withPrefix: keyPrefix) { reader.report("s3", "bucket_prefix", problem) }
    for (key, value) in [("url", url), ("presign_url", presignURL)] {
      if let value, WebAddress(value)?.path != "" {
        reader.report(
          "s3", key, "found \"\(value)\", expected http:// or https://, a host and perhaps a port")
      }
    }
    if presignURL != nil, region == nil {
      reader.report(
        "s3", "presign_url",
        "found no region beside it, expected s3.region: it cannot be asked for under that name")
    }
    while publicURL?.hasSuffix("/") == true { publicURL?.removeLast() }
    if let publicURL, WebAddress(publicURL) == nil {
      reader.report(
        "s3", "public_url", "found \"\(publicURL)\", expected an http:// or https:// address without a query")
    }
  }

  private static func isBucketName(_ name: String) -> Bool {
    // Old buckets have upper-case letters and underscores; slashes would end the name.
    (3...255).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  private static func problem(withPrefix prefix: String) -> String? {
    if prefix.utf8.count > 200 { return "found more than 200 characters in prefix and suffix together" }
    do throws(BlobStoreError) {
      _ = try BlobKey(prefix + "x")
      return nil
    } catch {
      return "keys would begin with \"\(prefix)\": \(error.message)"
    }
  }
}
