import Backends

extension S3SectionConfiguration {
  /// What the store is told, for keys that begin with `keyPrefix`.
  func store(keyPrefix: String) -> S3Configuration {
    // AWS has an address per region, which the store knows.
    var store = S3Configuration(
      endpoint: url == Self.defaultURL ? "" : url, region: region ?? "", bucket: bucket, keyPrefix: keyPrefix)
    store.addressing =
      switch addressing {
      case .auto: .auto
      case .path: .path
      case .virtualHost: .virtualHost
      }
    store.multipartThreshold = multipartThreshold.bytes
    store.partSize = partSize.bytes
    store.maxConnections = maxConnections
    store.connectTimeout = connectTimeout
    store.idleTimeout = idleTimeout
    store.retryBudget = retryBudget
    store.createBucket = createBucket
    store.caBundle = caBundle
    store.verifyTLS = verifyTLS
    return store
  }
}
