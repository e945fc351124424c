import Foundation
import HTTPTypes

/// The API key a request carries, in whichever of the known forms (conda-standards.md §2.5).
///
/// `X-API-Key` comes first, then a `/t/<key>/` path, then `Authorization` as `Bearer`, `token` or `Basic` with the
/// key as password. An empty value counts as absent.
enum PresentedCredential {
  static func apiKey(headers: HTTPFields, pathToken: String?) -> String? {
    if let key = headers[.apiKey], !key.isEmpty { return key }
    if let pathToken, !pathToken.isEmpty { return pathToken }
    return headers[.authorization].flatMap(fromAuthorization)
  }

  /// The key in the value of an `Authorization` header.
  static func fromAuthorization(_ value: String) -> String? {
    let parts = value.split(separator: " ", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    let credentials = String(parts[1].trimming { $0 == " " })
    switch parts[0].lowercased() {
    case "bearer", "token": return credentials.isEmpty ? nil : credentials
    case "basic": return fromBasic(credentials)
    default: return nil
    }
  }

  /// The password of `user:password`; the user name alone where the password is empty (`https://KEY@host/`).
  private static func fromBasic(_ encoded: String) -> String? {
    guard let data = Data(base64Encoded: encoded), let text = String(validating: data, as: UTF8.self) else {
      return nil
    }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let password = parts.count == 2 ? parts[1] : ""
    let key = password.isEmpty ? parts[0] : password
    return key.isEmpty ? nil : String(key)
  }
}
