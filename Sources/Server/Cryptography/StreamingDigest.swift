import COpenSSL
import CondaTypes
import NIOCore

/// A digest computed piece by piece (OpenSSL's EVP).
///
/// One owner feeds it, in order; `SpooledFile` does so under its lock, from one thread after another. The compiler cannot
/// see that, hence `@unchecked`.
final class StreamingDigest: @unchecked Sendable {
  private let context: OpaquePointer
  private let algorithm: Digest.Algorithm

  /// - Throws: `CryptographyError` if OpenSSL has no memory or refuses the algorithm (a FIPS build and MD5).
  init(_ algorithm: Digest.Algorithm) throws(CryptographyError) {
    guard let context = EVP_MD_CTX_new() else { throw CryptographyError(operation: "EVP_MD_CTX_new") }
    self.context = context
    self.algorithm = algorithm
    let kind = algorithm == .sha256 ? EVP_sha256() : EVP_md5()
    guard EVP_DigestInit_ex(context, kind, nil) == 1 else {
      EVP_MD_CTX_free(context)
      throw CryptographyError(operation: "EVP_DigestInit_ex")
    }
  }

  deinit { EVP_MD_CTX_free(context) }

  func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// The digest of everything fed so far; the object is used up.
  func finish() throws -> Digest {
    var bytes = [UInt8](repeating: 0, count: algorithm == .sha256 ? 32 : 16)
    guard EVP_DigestFinal_ex(context, &bytes, nil) == 1 else {
      throw CryptographyError(operation: "EVP_DigestFinal_ex")
    }
    return try Digest(algorithm: algorithm, bytes: bytes)
  }
}

/// OpenSSL refused a basic operation: a broken installation, not bad input.
struct CryptographyError: Error, CustomStringConvertible {
  let operation: String
  var description: String { "OpenSSL failed in \(operation)" }
}

extension Digest {
  /// The SHA-256 of bytes that are already in memory.
  static func sha256(of bytes: [UInt8]) throws -> Digest {
    let digest = try StreamingDigest(.sha256)
    bytes.withUnsafeBytes { digest.update($0) }
    return try digest.finish()
  }

  /// The SHA-256 of a buffer's readable bytes.
  static func sha256(of bytes: ByteBuffer) throws -> Digest {
    let digest = try StreamingDigest(.sha256)
    bytes.withUnsafeReadableBytes { digest.update($0) }
    return try digest.finish()
  }
}
