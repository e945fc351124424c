/// The API key that a scanned request carries, by the same rules as `PresentedCredential`.
struct FastCredentials {
  enum Key {
    case none
    case secret(String)
    /// Something that only the router reads.
    case unreadable
  }

  let key: Key
  let carriesPathToken: Bool

  init(_ request: ScannedRequest, token: Range<Int>?, in bytes: UnsafeRawBufferPointer) {
    carriesPathToken = token != nil
    if let apiKey = request.apiKey, !apiKey.isEmpty {
      key = Self.secret(bytes, apiKey)
    } else if let token {
      key = Self.secret(bytes, token)
    } else if let authorization = request.authorization {
      let value = String(decoding: bytes[authorization], as: UTF8.self)
      key = PresentedCredential.fromAuthorization(value).map { .secret($0) } ?? .none
    } else {
      key = .none
    }
  }

  private static func secret(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Key {
    guard bytes[range].allSatisfy(PathToken.isKeyByte) else { return .unreadable }
    return .secret(String(decoding: bytes[range], as: UTF8.self))
  }
}
