import Foundation

/// Reads the small files that settings, tokens and keys lie in. Blocks.
enum SettingsFile {
  /// Bytes such a file has at most; real ones have a few thousand.
  static let longest = 1 << 20

  /// The whole text.
  ///
  /// - Throws: `.notFound`, `.permissionDenied` and what else the system says; `.unexpected` for a file that is no
  ///   text or too long. The message names the path, never what is in it.
  static func read(_ path: String) throws(BlobStoreError) -> String {
    let descriptor = repeatedIfInterrupted { open(path, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw .failed("open", at: path, ifMissing: .notFound) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16 << 10)
    while bytes.count <= longest {
      let count = repeatedIfInterrupted { Foundation.read(descriptor, &piece, piece.count) }
      guard count >= 0 else { throw .failed("read", at: path) }
      if count == 0 {
        guard let text = String(validating: bytes, as: UTF8.self) else { break }
        return text
      }
      bytes += piece[..<count]
    }
    throw BlobStoreError(.unexpected, message: "'\(path)' is no UTF-8 text of at most \(longest) bytes")
  }
}
