import COpenSSL
import Dispatch
import Foundation

/// SHA-256 and size of a file, read once from beginning to end.
struct FileDigest: Hashable, Sendable {
  /// 64 digits, lower case.
  let sha256: String
  /// Bytes.
  let size: Int64

  private static let pieceSize = 1 << 20
  /// Reading blocks, so it has threads of its own.
  private static let queue = DispatchQueue(label: "file-digest", attributes: .concurrent)

  /// Hashes a file off the cooperative pool.
  static func compute(ofFileAt path: String) async throws(RegistryError) -> FileDigest {
    try await withCheckedContinuation { continuation in
      queue.async {
        let result: Result<FileDigest, RegistryError>
        do {
          result = .success(try read(path))
        } catch {
          result = .failure(.unreadableFile(path: path, reason: "\(error)"))
        }
        continuation.resume(returning: result)
      }
    }.get()
  }

  private struct Unreadable: Error, CustomStringConvertible {
    let description: String
    static var system: Unreadable { Unreadable(description: String(cString: strerror(errno))) }
  }

  private static func read(_ path: String) throws -> FileDigest {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Unreadable.system }
    defer { close(descriptor) }
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      throw Unreadable(description: "OpenSSL has no SHA-256")
    }
    defer { EVP_MD_CTX_free(context) }
    var piece = [UInt8](repeating: 0, count: pieceSize)
    var size: Int64 = 0
    while true {
      let count = Foundation.read(descriptor, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Unreadable.system }
      guard count > 0 else { break }
      size += Int64(count)
      EVP_DigestUpdate(context, piece, count)
    }
    var digest = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(context, &digest, nil)
    return FileDigest(sha256: digest.map(hex).joined(), size: size)
  }

  private static func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return byte < 16 ? "0" + digits : digits
  }
}
