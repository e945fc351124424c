/// What `x-amz-content-sha256` says about a request's body, and the last line of its canonical request.
public enum PayloadHash: Hashable, Sendable {
  /// The SHA-256 of the body, in lower-case hexadecimal; S3 refuses a body that differs.
  case sha256(hex: String)
  /// The body is not signed: presigned URLs, and bodies sent over TLS before their digest is known.
  case unsigned

  /// The hash of no body at all, as with `GET`.
  public static let empty = PayloadHash.of([])

  /// The hash of a body held in memory.
  public static func of(_ body: some Sequence<UInt8>) -> PayloadHash {
    .sha256(hex: Hex.encode(SHA256Hasher.digest(of: body)))
  }

  /// The header's value, e.g. `e3b0c442…` or `UNSIGNED-PAYLOAD`.
  public var headerValue: String {
    switch self {
    case .sha256(let hex): hex
    case .unsigned: "UNSIGNED-PAYLOAD"
    }
  }
}
