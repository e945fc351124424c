import Foundation
import NIOCore
import S3Signer

/// The JSON in which container endpoints and instance metadata hand out credentials.
///
/// ```
/// {"Code": "Success", "AccessKeyId": "ASIA…", "SecretAccessKey": "…", "Token": "…", "Expiration": "2026-11-26T11:22:33Z"}
/// ```
/// Containers leave `Code` away. Sources: AWS SDKs and Tools Reference Guide, "Container credential provider"; Amazon EC2
/// User Guide, "Retrieve security credentials from instance metadata".
struct CredentialsDocument: Decodable {
  private enum CodingKeys: String, CodingKey {
    case code = "Code"
    case message = "Message"
    case accessKeyID = "AccessKeyId"
    case secretAccessKey = "SecretAccessKey"
    case token = "Token"
    case expiration = "Expiration"
  }

  private let code: String?
  private let message: String?
  private let accessKeyID: String?
  private let secretAccessKey: String?
  private let token: String?
  private let expiration: String?

  /// Reads a document.
  ///
  /// - Throws: A refusal that says what is missing, or what the service says instead; never the values.
  static func read(_ document: ByteBuffer, from url: String) throws(CredentialsService.Refusal)
    -> ExpiringCredentials
  {
    let place = URL.withoutSecrets(url)
    guard let found = try? JSONDecoder().decode(Self.self, from: Data(document.readableBytesView)) else {
      throw .init(reason: "\(place) does not answer with credentials as JSON", isRetryable: false)
    }
    if let code = found.code, code != "Success" {
      throw .init(reason: "\(place) answers \(code) (\(found.message ?? "no message"))", isRetryable: false)
    }
    guard let key = found.accessKeyID, let secret = found.secretAccessKey, !key.isEmpty, !secret.isEmpty
    else {
      throw .init(reason: "\(place) answers without AccessKeyId and SecretAccessKey", isRetryable: false)
    }
    let credentials = Credentials(accessKeyID: key, secretAccessKey: secret, sessionToken: found.token)
    guard let text = found.expiration else {
      return ExpiringCredentials(credentials: credentials.withoutEmptyToken, expiration: nil)
    }
    guard let expiration = S3Date.parse(listed: text) else {
      throw .init(
        reason: "\(place) answers with the Expiration '\(text)', which is no moment", isRetryable: false)
    }
    return ExpiringCredentials(credentials: credentials.withoutEmptyToken, expiration: expiration)
  }
}
