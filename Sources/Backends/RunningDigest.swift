import Locks
import NIOCore
import S3Signer

/// The SHA-256 of bytes that come in pieces, held where a hasher that cannot be copied could not be.
final class RunningDigest: Sendable {
  private let hasher = Guarded<SHA256Hasher?>(SHA256Hasher())

  /// Appends the readable bytes.
  func update(_ buffer: ByteBuffer) {
    buffer.withUnsafeReadableBytes { bytes in hasher.withLock { $0?.update(bytes) } }
  }

  /// The digest of all bytes, in lower-case hexadecimal; ends the hasher, so that a second call has none.
  func finish() -> String {
    hasher.withLock { hasher in
      guard let ended = hasher.take() else { return "" }
      return Hex.encode(ended.finish())
    }
  }
}
