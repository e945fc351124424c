import Foundation

extension URL {
  /// A URL for messages: without user, password, query and fragment, which may be secrets. Text that is no URL may be one as
  /// a whole, and is not quoted.
  static func withoutSecrets(_ text: String) -> String {
    guard var parts = URLComponents(string: text), parts.scheme != nil, parts.host?.isEmpty == false else {
      return "text that is no URL"
    }
    parts.user = nil
    parts.password = nil
    parts.query = nil
    parts.fragment = nil
    return parts.string ?? "text that is no URL"
  }
}
