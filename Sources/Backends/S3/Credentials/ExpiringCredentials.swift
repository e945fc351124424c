import Foundation
import S3Signer

/// Credentials, and until when they work.
struct ExpiringCredentials: Hashable, Sendable {
  let credentials: Credentials
  /// `nil` for permanent ones.
  let expiration: Date?

  /// How long they still work at `now`; `nil` for ever.
  func timeLeft(at now: Date) -> TimeInterval? { expiration?.timeIntervalSince(now) }
}
