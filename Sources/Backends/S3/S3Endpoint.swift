import S3Signer

/// Where a bucket is reached: which host is asked, and how an object's key becomes a path.
///
/// ```
/// path           https://s3.example.com:9000/bucket/a/b.conda
/// virtual host   https://bucket.s3.example.com:9000/a/b.conda
/// ```
struct S3Endpoint: Hashable, Sendable {
  let scheme: String
  /// Host and port as they are signed and sent: without the port that the scheme has anyway.
  let authority: String
  /// What an object's path begins with: nothing, or the bucket.
  let basePath: String

  /// The bucket of a configuration, in a region.
  ///
  /// - Throws: `.unexpected` for an endpoint that is no `http` or `https` URL of a host, or a bucket's name that
  ///   cannot stand in a URL.
  init(_ configuration: S3Configuration, region: String) throws(BlobStoreError) {
    let bucket = configuration.bucket
    guard (1...255).contains(bucket.utf8.count), bucket.utf8.allSatisfy(Self.isBucketByte),
      bucket != ".", bucket != ".."
    else {
      throw BlobStoreError(
        .unexpected,
        message: "'\(bucket)' is no bucket's name: letters, digits, '-', '.' and '_', 3 to 63 of them")
    }
    let (scheme, host) = try Self.split(
      configuration.endpoint.isEmpty ? Self.aws(region) : configuration.endpoint)
    self.scheme = scheme
    let isVirtual = Self.isVirtualHost(configuration.addressing, host: host, bucket: bucket)
    authority = isVirtual ? "\(bucket).\(host)" : host
    basePath = isVirtual ? "" : "/" + bucket
  }

  /// The path of an object, percent-encoded.
  func path(of objectKey: String) -> String { "\(basePath)/\(URIEncoding.encode(path: objectKey))" }

  /// The path of the bucket itself.
  var bucketPath: String { basePath.isEmpty ? "/" : basePath }

  /// AWS's own host for a region.
  private static func aws(_ region: String) -> String {
    "https://s3.\(region).amazonaws.com" + (region.hasPrefix("cn-") ? ".cn" : "")
  }

  private static func isBucketByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// The rule of `.auto`; see ``S3Configuration/AddressingStyle``.
  private static func isVirtualHost(
    _ style: S3Configuration.AddressingStyle, host: String, bucket: String
  ) -> Bool {
    switch style {
    case .path: false
    case .virtualHost: true
    case .auto:
      (host.hasSuffix(".amazonaws.com") || host.hasSuffix(".amazonaws.com.cn")) && !bucket.contains(".")
        && !bucket.contains("_") && bucket == bucket.lowercased()
    }
  }

  private static func split(_ endpoint: String) throws(BlobStoreError) -> (scheme: String, host: String) {
    var rest = endpoint[...]
    var scheme = "https"
    if let separator = endpoint.firstRange(of: "://") {
      scheme = endpoint[..<separator.lowerBound].lowercased()
      rest = endpoint[separator.upperBound...]
    }
    while rest.hasSuffix("/") { rest = rest.dropLast() }
    let isHost =
      !rest.isEmpty && rest.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/?#@\\%".utf8.contains($0) }
    guard scheme == "http" || scheme == "https", isHost else {
      throw BlobStoreError(
        .unexpected,
        message: "the S3 endpoint '\(endpoint)' is not http:// or https:// with a host and an optional port")
    }
    let ownPort = scheme == "http" ? ":80" : ":443"
    return (scheme, rest.hasSuffix(ownPort) ? String(rest.dropLast(ownPort.count)) : rest.lowercased())
  }
}
