/// `[local_store]`: artifacts in `packages/` may be sent by an nginx in front of us (docker/nginx-secure-link.conf).
///
/// - `redirect_enabled` (bool, false): answer artifacts by a redirect instead of sending them.
/// - `redirect_endpoint` (string, "/files"): where nginx serves the folder `packages/`: a path or a whole URL.
/// - `redirect_secret` (string, ""): nginx's `secure_link_md5` secret; required with `redirect_enabled`, since an
///   unsigned link would open private channels for ever.
/// - `redirect_expiration` (seconds, 3600): how long a link works.
/// - `redirect_credentials` ("safe", ours): as in `[s3]`.
package struct LocalStoreConfiguration: Sendable {
  package var redirectEnabled: Bool
  /// Without a slash at its end.
  package var redirectEndpoint: String
  package var redirectSecret: Secret<String>
  package var redirectExpiration: Duration
  package var redirectCredentials: RedirectPolicy.Credentials

  package init(reading reader: inout ConfigurationReader) {
    redirectEnabled = reader.bool("local_store", "redirect_enabled", default: false)
    redirectEndpoint = reader.string("local_store", "redirect_endpoint", default: "/files")
    redirectSecret = Secret(reader.secretString("local_store", "redirect_secret"))
    redirectExpiration = .seconds(
      reader.integer("local_store", "redirect_expiration", default: 3600, in: 1...604_800))
    redirectCredentials = reader.choice("local_store", "redirect_credentials", default: .safe)
    while redirectEndpoint.hasSuffix("/") { redirectEndpoint.removeLast() }
    guard redirectEnabled else { return }
    if redirectSecret.value.isEmpty {
      reader.report(
        "local_store", "redirect_secret",
        "found none, expected the secret of nginx's secure_link_md5: unsigned links would open private channels"
      )
    }
    if !redirectEndpoint.hasPrefix("/"), WebAddress(redirectEndpoint) == nil {
      reader.report(
        "local_store", "redirect_endpoint",
        "found \"\(redirectEndpoint)\", expected a path such as /files, or an http:// or https:// address")
    }
  }
}
