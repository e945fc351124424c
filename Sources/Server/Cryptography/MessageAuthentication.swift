import COpenSSL

/// HMAC-SHA-256 (RFC 2104) over bytes in memory.
enum MessageAuthentication {
  static func code(for message: [UInt8], key: [UInt8]) throws -> [UInt8] {
    var result = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 0
    guard
      HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &result, &length) != nil, length == 32
    else { throw CryptographyError(operation: "HMAC") }
    return result
  }

  /// Compares without telling by its duration where the difference is.
  static func isEqual(_ first: [UInt8], _ second: [UInt8]) -> Bool {
    first.count == second.count && CRYPTO_memcmp(first, second, first.count) == 0
  }
}

/// Unpredictable bytes and texts from OpenSSL's generator.
package enum SecureRandom {
  package static func bytes(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard RAND_bytes(&bytes, Int32(count)) == 1 else { throw CryptographyError(operation: "RAND_bytes") }
    return bytes
  }

  /// Characters drawn evenly from an alphabet of at most 256.
  package static func text(_ count: Int, from alphabet: [Character]) throws -> String {
    let limit = 256 - 256 % alphabet.count
    var text = ""
    while text.count < count {
      for byte in try bytes(count) where Int(byte) < limit && text.count < count {
        text.append(alphabet[Int(byte) % alphabet.count])
      }
    }
    return text
  }
}
