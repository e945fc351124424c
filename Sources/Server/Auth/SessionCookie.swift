import CondaTypes
package import Foundation

/// The session cookie: base64url JSON, a dot, and its HMAC-SHA-256 under `session.secret`.
///
/// ```
/// eyJpYXQiOjE3OTUzMzI3OTQsInByb3ZpZGVyIjoiZHVtbXkiLCJ1c2VyIjoi…"}.Zb0…
/// ```
/// The content is signed, not encrypted: it holds the session's and the user's identifiers, the provider and the time of issue, no secret.
package struct SessionCookie: Sendable {
  package static let name = "session"
  /// How long a session lasts without being used, in seconds (14 days, as upstream).
  package static let lifetime: Int64 = 1_209_600
  /// How old a cookie is before a new one takes its place, in seconds (a day).
  package static let renewalAge: Int64 = 86_400
  /// How long a session lasts however much it is used, in seconds from the login (90 days).
  package static let longestLifetime: Int64 = 7_776_000

  /// What a valid cookie says.
  package struct Session: Hashable, Sendable {
    /// Names the session's row; a new one with every login.
    package let id: UUID
    package let userID: UUID
    package let provider: String
    /// When this cookie was made: at the login, or when the session was renewed.
    package let issuedAt: Int64
  }

  private let key: [UInt8]
  private let isSecure: Bool

  package init(configuration: SessionConfiguration) {
    key = Array(configuration.secret.value.utf8)
    isSecure = configuration.httpsOnly
  }

  /// The `Set-Cookie` value that opens a session, or lets it go on.
  ///
  /// - Parameter maxAge: Seconds until the browser forgets it.
  package func setting(_ session: Session, maxAge: Int64 = lifetime) throws -> String {
    let content = JSONValue.object([
      "sid": .string(session.id.uuidString.lowercased()),
      "user": .string(session.userID.uuidString.lowercased()), "provider": .string(session.provider),
      "iat": .integer(session.issuedAt),
    ])
    let body = Self.base64URL(Array(content.canonicalText().utf8))
    let signature = Self.base64URL(try MessageAuthentication.code(for: Array(body.utf8), key: key))
    return "\(Self.name)=\(body).\(signature)\(attributes(maxAge: maxAge))"
  }

  /// The `Set-Cookie` value that ends a session.
  package func clearing() -> String { "\(Self.name)=null\(attributes(maxAge: 0))" }

  private func attributes(maxAge: Int64) -> String {
    "; path=/; Max-Age=\(maxAge); httponly; samesite=lax" + (isSecure ? "; secure" : "")
  }

  /// The session in a `Cookie` header, if its signature holds and it is younger than 14 days.
  package func session(in header: String, now: Date) -> Session? {
    for cookie in header.split(separator: ";") {
      let parts = cookie.trimming { $0 == " " }.split(separator: "=", maxSplits: 1)
      if parts.count == 2, parts[0] == Self.name { return verify(String(parts[1]), now: now) }
    }
    return nil
  }

  private func verify(_ value: String, now: Date) -> Session? {
    let parts = value.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let signature = Self.decodeBase64URL(parts[1]),
      let expected = try? MessageAuthentication.code(for: Array(parts[0].utf8), key: key),
      MessageAuthentication.isEqual(signature, expected),
      let body = Self.decodeBase64URL(parts[0]), let content = try? JSONValue(parsing: body),
      let id = content["sid"]?.asString.flatMap(UUID.init(uuidString:)),
      let userID = content["user"]?.asString.flatMap(UUID.init(uuidString:)),
      let provider = content["provider"]?.asString, let issuedAt = content["iat"]?.asInteger
    else { return nil }
    let age = Int64(now.timeIntervalSince1970) - issuedAt
    guard age >= -60, age < Self.lifetime else { return nil }
    return Session(id: id, userID: userID, provider: provider, issuedAt: issuedAt)
  }

  private static func base64URL(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
      "=", with: "")
  }

  private static func decodeBase64URL(_ text: Substring) -> [UInt8]? {
    var base64 = text.replacing("-", with: "+").replacing("_", with: "/")
    base64 += String(repeating: "=", count: (4 - base64.count % 4) % 4)
    return Data(base64Encoded: String(base64)).map(Array.init)
  }
}
