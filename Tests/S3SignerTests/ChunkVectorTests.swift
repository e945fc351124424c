import Foundation
import S3Signer
import Testing

/// Every published body in chunks: each chunk's stages, and the bytes on the wire.
@Suite struct ChunkVectorTests {
  static let vectors = (try? S3Vectors.chunked()) ?? []

  @Test func readsEveryVector() {
    #expect(Self.vectors.count == 7)
    #expect(Self.vectors.filter { $0.trailer != nil }.count == 3)
  }

  @Test(arguments: vectors)
  func signsEachChunk(_ vector: S3Vectors.Vector) throws {
    let item = try vector.signingCase()
    let signer = Signer(item.credentials, scope: item.scope)
    var previous = item.signature
    for chunk in try #require(vector.chunks) {
      let string = StringToSign(
        chunkDigest: chunk.sha256, previousSignature: previous, scope: item.scope)
      #expect(string.text == chunk.stringToSign)
      #expect(signer.signature(ofChunkWithDigest: chunk.sha256, after: previous) == chunk.signature)
      previous = chunk.signature
    }
    guard let trailer = vector.trailer else { return }
    let string = StringToSign(
      trailer: trailer.canonicalTrailers, previousSignature: previous, scope: item.scope)
    #expect(string.text == trailer.stringToSign)
    #expect(signer.signature(ofTrailer: trailer.canonicalTrailers, after: previous) == trailer.signature)
  }

  @Test(arguments: vectors)
  func writesTheBodyAsOnTheWire(_ vector: S3Vectors.Vector) throws {
    let item = try vector.signingCase()
    let signer = Signer(item.credentials, scope: item.scope)
    let trailer = try vector.trailer.map { trailer in
      let sides = trailer.canonicalTrailers.dropLast().split(separator: ":", maxSplits: 1)
      try #require(sides.count == 2)
      return NamedValue(String(sides[0]), String(sides[1]))
    }
    let form: PayloadHash.ChunkForm = trailer == nil ? .signed : .signedWithTrailer
    #expect(item.request.payload == .chunks(form))

    let body = try #require(vector.body)
    let wire = write(
      body.bytes, sizes: body.chunkSizes, trailer: trailer,
      as: ChunkedBody(signer, seed: signer.sign(item.request).signature, form: form))
    #expect(wire.count == vector.wireLength)
    #expect(Hex.encode(SHA256Hasher.digest(of: wire)) == vector.wireSha256)

    let first = Int64(body.chunkSizes.first ?? 8192)
    #expect(
      ChunkedBody.encodedLength(
        of: Int64(body.bytes.count), chunkSize: max(first, 1), form: form, trailer: trailer)
        == Int64(wire.count))
  }

  @Test func unsignedChunksCarryTheirSizesAndTheTrailerAlone() {
    let scope = SigningScope(date: SigningDate(secondsSince1970: 0), region: "us-east-1")
    let signer = Signer(Credentials(accessKeyID: "a", secretAccessKey: "b"), scope: scope)
    let trailer = NamedValue("x-amz-checksum-crc32", "DgkAKQ==")
    let wire = write(
      Array("hello world".utf8), sizes: [8, 3], trailer: trailer,
      as: ChunkedBody(signer, seed: "", form: .unsignedWithTrailer))
    let expected = "8\r\nhello wo\r\n3\r\nrld\r\n0\r\nx-amz-checksum-crc32:DgkAKQ==\r\n\r\n"
    #expect(String(decoding: wire, as: UTF8.self) == expected)
    #expect(
      ChunkedBody.encodedLength(of: 11, chunkSize: 8, form: .unsignedWithTrailer, trailer: trailer)
        == Int64(wire.count))
  }

  private func write(
    _ bytes: [UInt8], sizes: [Int], trailer: NamedValue?, as chunked: ChunkedBody
  ) -> [UInt8] {
    var chunked = chunked
    var rest = bytes[...]
    var wire: [UInt8] = []
    for size in sizes where size > 0 {
      let chunk = Array(rest.prefix(size))
      rest = rest.dropFirst(size)
      wire += Array(chunk.withUnsafeBytes { chunked.head(of: $0) }.utf8) + chunk
      wire += Array(ChunkedBody.chunkEnd.utf8)
    }
    return wire + Array(chunked.end(trailer: trailer).utf8)
  }
}
