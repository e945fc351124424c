/// What a request to S3 is signed with. Prints as its access key ID only; the secrets never reach a log by
/// accident.
public struct Credentials: Hashable, Sendable {
  /// Names the key pair, e.g. `AKIDEXAMPLE`; sent with every request, not secret.
  public let accessKeyID: String
  /// Signs; never sent.
  public let secretAccessKey: String
  /// Goes with temporary credentials, as `X-Amz-Security-Token`; `nil` for permanent ones.
  public let sessionToken: String?

  /// A key pair, with its token if it is temporary.
  public init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
  }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The access key ID; the rest hidden.
  public var description: String { "Credentials(accessKeyID: \(accessKeyID), secretAccessKey: •••)" }

  /// The same as ``description``: debugging shows no secrets either.
  public var debugDescription: String { description }

  /// Only the access key ID, so that `dump` and string interpolation of containers show no secrets.
  public var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}
