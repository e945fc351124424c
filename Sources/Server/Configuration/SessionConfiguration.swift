/// `[session]`
///
/// - `secret` (string, required): signs session cookies; 16 characters at least.
/// - `https_only` (bool, true): the cookie travels over HTTPS only.
/// - `failed_logins` (int, 100; ours): failed logins and keys per address, and failed logins per account, within five
///   minutes; more are a 429. 0 is no limit.
package struct SessionConfiguration: Sendable {
  package var secret: Secret<String>
  package var httpsOnly: Bool
  package var failedLogins: Int

  package init(reading reader: inout ConfigurationReader) {
    let text = reader.requiredString("session", "secret")
    if !text.isEmpty, text.utf8.count < 16 {
      reader.report("session", "secret", "found \(text.utf8.count) characters, expected 16 at least")
    }
    secret = Secret(text)
    httpsOnly = reader.bool("session", "https_only", default: true)
    failedLogins = Int(reader.integer("session", "failed_logins", default: 100, in: 0...1_000_000))
  }
}
