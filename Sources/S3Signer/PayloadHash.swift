/// What `x-amz-content-sha256` says about a request's body, and the last line of its canonical request.
public enum PayloadHash: Hashable, Sendable {
  /// The SHA-256 of the body, in lower-case hexadecimal; S3 refuses a body that differs.
  case sha256(hex: String)
  /// The body is not signed: presigned URLs, and bodies sent over TLS before their digest is known.
  case unsigned
  /// The body is sent in pieces (`Content-Encoding: aws-chunked`), see ``ChunkedBody``.
  case chunks(ChunkForm)

  /// The ways of sending a body in pieces.
  public enum ChunkForm: Hashable, Sendable {
    /// Each piece carries a signature, which covers the one before it.
    case signed
    /// The same, then a checksum of the whole body as a trailer, signed too.
    case signedWithTrailer
    /// Only the trailer's checksum guards the body; for TLS.
    case unsignedWithTrailer
  }

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
    case .chunks(.signed): "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    case .chunks(.signedWithTrailer): "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
    case .chunks(.unsignedWithTrailer): "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    }
  }
}
