/// Writes a body as `aws-chunked`: what goes between the chunks and after the last one.
///
/// ```
/// 10000;chunk-signature=b474d886…  CR LF         size in hexadecimal
/// 65,536 bytes                     CR LF         ``chunkEnd``
/// 400;chunk-signature=1c1344b1…    CR LF
/// 1,024 bytes                      CR LF
/// 0;chunk-signature=2ca2aba2…      CR LF         ``end(trailer:)``, from here on
/// x-amz-checksum-crc32c:sOO8/Q==   CR LF         only with a trailer
/// x-amz-trailer-signature:d81f82fc…  CR LF
/// CR LF
/// ```
/// Without signatures the lines end after the size, and the trailer's is left out. The request says
/// `Content-Encoding: aws-chunked`, `X-Amz-Decoded-Content-Length` with the bytes before encoding,
/// `Content-Length` with ``encodedLength(of:chunkSize:form:trailer:)``, and `X-Amz-Trailer` with the trailer's name.
/// S3 wants all chunks but the last to have the same size, at least 8,192 bytes.
///
/// Sources: as for ``StringToSign``.
public struct ChunkedBody: Sendable {
  /// What follows a chunk's bytes.
  public static let chunkEnd = "\r\n"

  private let signer: Signer
  private let form: PayloadHash.ChunkForm
  private var previousSignature: String

  /// The body of a request whose own signature is `seed` (``SignedRequest/signature``).
  public init(_ signer: Signer, seed: String, form: PayloadHash.ChunkForm) {
    self.signer = signer
    self.form = form
    previousSignature = seed
  }

  /// The line before a chunk's bytes, which must not be none: that ends the body.
  public mutating func head(of chunk: UnsafeRawBufferPointer) -> String {
    head(size: chunk.count) {
      var hasher = SHA256Hasher()
      hasher.update(chunk)
      return Hex.encode(hasher.finish())
    }
  }

  /// Everything after the last chunk.
  ///
  /// - Parameter trailer: The checksum of the body before encoding, e.g. `x-amz-checksum-crc32c`; `nil` in the form
  ///   without a trailer.
  public mutating func end(trailer: NamedValue?) -> String {
    var text = head(size: 0) { PayloadHash.empty.headerValue }
    if let trailer {
      let line = "\(trailer.name.lowercasedASCII):\(trailer.value)"
      text += "\(line)\r\n"
      if form != .unsignedWithTrailer {
        previousSignature = signer.signature(ofTrailer: "\(line)\n", after: previousSignature)
        text += "x-amz-trailer-signature:\(previousSignature)\r\n"
      }
    }
    return text + "\r\n"
  }

  /// How many bytes go out for a body of `length` bytes, cut every `chunkSize` of them.
  ///
  /// - Parameter trailer: A trailer of the same name and length of value as the one to come.
  public static func encodedLength(
    of length: Int64, chunkSize: Int64, form: PayloadHash.ChunkForm, trailer: NamedValue?
  ) -> Int64 {
    let (whole, rest) = length.quotientAndRemainder(dividingBy: chunkSize)
    var total = whole * (headLength(of: chunkSize, form: form) + chunkSize + 2)
    if rest > 0 { total += headLength(of: rest, form: form) + rest + 2 }
    total += headLength(of: 0, form: form) + 2
    guard let trailer else { return total }
    total += Int64(trailer.name.utf8.count + 1 + trailer.value.utf8.count + 2)
    let signatureLine = "x-amz-trailer-signature:".utf8.count + signatureLength + 2
    return form == .unsignedWithTrailer ? total : total + Int64(signatureLine)
  }

  private static let signatureLength = 64

  private static func headLength(of size: Int64, form: PayloadHash.ChunkForm) -> Int64 {
    let signature = form == .unsignedWithTrailer ? 0 : ";chunk-signature=".utf8.count + signatureLength
    return Int64(String(size, radix: 16).utf8.count + signature + 2)
  }

  private mutating func head(size: Int, digest: () -> String) -> String {
    let size = String(size, radix: 16)
    guard form != .unsignedWithTrailer else { return "\(size)\r\n" }
    previousSignature = signer.signature(ofChunkWithDigest: digest(), after: previousSignature)
    return "\(size);chunk-signature=\(previousSignature)\r\n"
  }
}
