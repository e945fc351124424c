import CondaTypes

/// The secret of an API key: `qz-` and 40 letters and digits (238 bits).
///
/// The alphabet stays inside `[A-Za-z0-9-]`: conda and libmamba cut a token in a URL at anything else. The prefix
/// lets secret scanners find leaked keys. Only a SHA-256 is kept, which is enough for a secret this long.
package struct APIKeySecret: Sendable {
  package let text: String

  package static func generate() throws -> APIKeySecret {
    APIKeySecret(text: "qz-" + (try SecureRandom.text(40, from: alphabet)))
  }

  package init(text: String) { self.text = text }

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")

  /// What is stored and looked up.
  package func hash() throws -> [UInt8] { try Digest.sha256(of: Array(text.utf8)).bytes }

  /// The first characters, to recognise a key by; far too few to guess the rest.
  package var prefix: String { String(text.prefix(7)) }
}
