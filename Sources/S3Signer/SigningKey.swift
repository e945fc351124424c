import COpenSSL

/// The key that a scope's requests are signed with; derived from the secret, and of no use outside its scope.
///
/// `HMAC(HMAC(HMAC(HMAC("AWS4" + secret, day), region), service), "aws4_request")`, all with SHA-256. Depends
/// on the day only, so one key serves all requests of a day. Source: docs.aws.amazon.com, "Signature Version
/// 4: calculate the signature".
public struct SigningKey: Sendable {
  /// The derived key itself, 32 bytes; as secret as the secret.
  package let bytes: [UInt8]

  /// Derives the key; four HMACs.
  public init(_ credentials: Credentials, scope: SigningScope) {
    let secret = Array("AWS4\(credentials.secretAccessKey)".utf8)
    let day = Self.authenticationCode(of: scope.date.day, key: secret)
    let region = Self.authenticationCode(of: scope.region, key: day)
    let service = Self.authenticationCode(of: scope.service, key: region)
    bytes = Self.authenticationCode(of: "aws4_request", key: service)
  }

  /// The signature of `text`, 64 lower-case hexadecimal digits.
  public func signature(of text: StringToSign) -> String {
    Hex.encode(Self.authenticationCode(of: text.text, key: bytes))
  }

  /// HMAC-SHA-256 (RFC 2104), 32 bytes.
  private static func authenticationCode(of text: String, key: [UInt8]) -> [UInt8] {
    let message = Array(text.utf8)
    return [UInt8](unsafeUninitializedCapacity: 32) { code, count in
      var written: UInt32 = 0
      let result = HMAC(
        EVP_sha256(), key, Int32(key.count), message, message.count, code.baseAddress, &written)
      precondition(result != nil, "this OpenSSL has no HMAC-SHA-256")
      count = Int(written)
    }
  }
}
