extension Signer {
  /// The signature of a chunk whose bytes have the SHA-256 `digest` (lower-case hexadecimal).
  ///
  /// - Parameter previousSignature: That of the chunk before it; of the request, if there is none
  ///   (``SignedRequest/signature``).
  public func signature(ofChunkWithDigest digest: String, after previousSignature: String) -> String {
    key.signature(of: StringToSign(chunkDigest: digest, previousSignature: previousSignature, scope: scope))
  }

  /// The signature of a trailer's lines, each `name:value` and a line feed, after the last, empty chunk.
  public func signature(ofTrailer trailer: String, after previousSignature: String) -> String {
    key.signature(of: StringToSign(trailer: trailer, previousSignature: previousSignature, scope: scope))
  }
}
