package import Backends
import CondaTypes
package import Foundation

/// Links that an nginx with `secure_link` honours until they expire (ngx_http_secure_link_module).
///
/// ```
/// /files/sha256/9f/9f86…?md5=<unpadded base64url>&expires=<Unix time>
/// md5 of "<expires>sha256/9f/9f86… <secret>", as upstream has it (quetz-api.md §4.3)
/// ```
package struct SecureLink: Sendable {
  /// Where nginx serves `packages/`, without a slash at its end.
  package let endpoint: String
  package let secret: Secret<String>
  package let lifetime: Duration

  package init(endpoint: String, secret: Secret<String>, lifetime: Duration) {
    self.endpoint = endpoint
    self.secret = secret
    self.lifetime = lifetime
  }

  package func url(for key: BlobKey, now: Date) throws -> String {
    let expires = Int64(now.timeIntervalSince1970) + lifetime.components.seconds
    let md5 = try StreamingDigest(.md5)
    Array("\(expires)\(key.value) \(secret.value)".utf8).withUnsafeBytes { md5.update($0) }
    let mark = Data(try md5.finish().bytes).base64EncodedString()
      .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
      .replacingOccurrences(of: "=", with: "")
    return "\(endpoint)/\(key.value)?md5=\(mark)&expires=\(expires)"
  }
}
