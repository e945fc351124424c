import COpenSSL

/// SHA-256 of bytes that come in pieces (OpenSSL's EVP).
///
/// Not copyable, because the state inside is not; that one owner has it is also what makes it safe to send to
/// another thread. Stops the process if OpenSSL cannot offer SHA-256 at all, which is a broken installation
/// and nothing a request can cause.
public struct SHA256Hasher: ~Copyable, @unchecked Sendable {
  private let context: OpaquePointer

  /// Begins with no bytes.
  public init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("this OpenSSL has no SHA-256")
    }
    self.context = context
  }

  deinit {
    EVP_MD_CTX_free(context)
  }

  /// Appends `bytes`.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    precondition(EVP_DigestUpdate(context, start, bytes.count) == 1, "SHA-256 update failed")
  }

  /// The digest of all bytes, 32 of them. Ends the hasher.
  public consuming func finish() -> [UInt8] {
    let context = context
    return [UInt8](unsafeUninitializedCapacity: 32) { digest, count in
      var written: UInt32 = 0
      precondition(EVP_DigestFinal_ex(context, digest.baseAddress, &written) == 1, "SHA-256 failed")
      count = Int(written)
    }
  }

  /// The digest of `bytes`, all at once.
  public static func digest(of bytes: some Sequence<UInt8>) -> [UInt8] {
    var hasher = SHA256Hasher()
    let inPlace: Void? = bytes.withContiguousStorageIfAvailable { hasher.update(UnsafeRawBufferPointer($0)) }
    if inPlace == nil { Array(bytes).withUnsafeBytes { hasher.update($0) } }
    return hasher.finish()
  }
}
