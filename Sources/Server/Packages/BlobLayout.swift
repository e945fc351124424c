package import Backends
package import CondaTypes

/// The one place that makes the keys of blobs. Both stores have the same tree:
///
/// ```
/// sha256/
///   9f/
///     9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
/// ```
///
/// Bytes lie under their SHA-256 and never change; names are rows. Two digits of fan-out keep folders small.
package enum BlobLayout {
  /// The key of the blob with this SHA-256.
  package static func key(for digest: Digest) throws -> BlobKey {
    let hex = digest.hex
    return try BlobKey("sha256/\(hex.prefix(2))/\(hex)")
  }

  /// The digest a key stands for; `nil` if the key is not of this layout.
  package static func digest(of key: BlobKey) -> Digest? {
    key.value.split(separator: "/").last.flatMap { try? Digest(sha256Hex: String($0)) }
  }
}
