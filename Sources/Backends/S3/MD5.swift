import COpenSSL
import Foundation
import NIOCore

/// The digest that S3 wants of the list of objects to delete; protects against damage, not against anybody.
enum MD5 {
  /// The MD5 of the readable bytes, in Base64: the value of `Content-MD5` (RFC 1864).
  static func base64Digest(of buffer: ByteBuffer) -> String {
    var digest = [UInt8](repeating: 0, count: 16)
    buffer.withUnsafeReadableBytes { bytes in
      let result = EVP_Digest(bytes.baseAddress, bytes.count, &digest, nil, EVP_md5(), nil)
      precondition(result == 1, "this OpenSSL has no MD5")
    }
    return Data(digest).base64EncodedString()
  }
}
