import Foundation
import S3Signer
import Testing

/// The worked examples of S3's documentation, and the vectors generated with botocore.
enum S3Vectors {
  static let files = ["s3-docs-examples.json", "s3-generated.json"]

  static func cases() throws -> [SigningCase] {
    try vectors().map { try $0.signingCase() }
  }

  static func chunked() throws -> [Vector] {
    try vectors().filter { $0.chunks != nil }
  }

  static func signingKeys() throws -> [DerivedKey] {
    try VectorFolder.decode(File.self, from: files[0]).signingKeys ?? []
  }

  private static func vectors() throws -> [Vector] {
    try files.flatMap { try VectorFolder.decode(File.self, from: $0).vectors }
  }

  struct File: Decodable {
    let vectors: [Vector]
    let signingKeys: [DerivedKey]?
  }

  struct DerivedKey: Decodable, Sendable {
    let secretKey: String
    let date: String
    let region: String
    let service: String
    let signingKeyHex: String
  }

  struct Keys: Decodable, Sendable {
    let accessKey: String
    let secretKey: String
    let sessionToken: String?
  }

  struct Payload: Decodable, Sendable {
    let kind: String
    let sha256: String?

    func hash() throws -> PayloadHash {
      if let sha256 { return .sha256(hex: sha256) }
      let others: [PayloadHash] = [
        .unsigned, .chunks(.signed), .chunks(.signedWithTrailer), .chunks(.unsignedWithTrailer),
      ]
      return try #require(others.first { $0.headerValue == kind || ($0 == .unsigned && kind == "unsigned") })
    }
  }

  struct Expected: Decodable, Sendable {
    let canonicalRequest: String
    let stringToSign: String
    let signature: String
    let authorization: String?
    let url: String?
  }

  /// A body as a rule, because some are long.
  struct Body: Decodable, Sendable {
    let chunkSizes: [Int]
    let fillByte: UInt8?

    var bytes: [UInt8] {
      (0..<chunkSizes.reduce(0, +)).map { fillByte ?? UInt8((31 * $0 + 7) % 251) }
    }
  }

  struct Chunk: Decodable, Sendable {
    let size: Int
    let sha256: String
    let stringToSign: String
    let signature: String
  }

  struct Trailer: Decodable, Sendable {
    let canonicalTrailers: String
    let stringToSign: String
    let signature: String
  }

  struct Vector: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let mode: String
    let credentials: Keys
    let region: String
    let timestamp: String
    let scheme: String
    let host: String
    let method: String
    let pathEncoded: String
    let query: [[String]]
    let headers: [[String]]
    let payload: Payload
    let expires: Int?
    let expect: Expected
    let body: Body?
    let chunks: [Chunk]?
    let trailer: Trailer?
    let wireLength: Int?
    let wireSha256: String?

    var testDescription: String { name }

    func signingCase() throws -> SigningCase {
      SigningCase(
        name: name,
        credentials: Credentials(
          accessKeyID: credentials.accessKey, secretAccessKey: credentials.secretKey,
          sessionToken: credentials.sessionToken),
        scope: SigningScope(date: try SigningDate(timestamp), region: region),
        mode: mode == "query" ? .query(expiresIn: try #require(expires)) : .header,
        request: SignableRequest(
          method: method, path: pathEncoded, query: query.map { NamedValue($0[0], $0[1]) },
          headers: [NamedValue("Host", host)] + headers.map { NamedValue($0[0], $0[1]) },
          payload: try payload.hash()),
        canonicalRequest: expect.canonicalRequest, publishedCanonicalRequest: expect.canonicalRequest,
        stringToSign: expect.stringToSign, signature: expect.signature,
        outcome: expect.authorization
          ?? expect.url.map { String($0.dropFirst("\(scheme)://\(host)".count)) })
    }
  }
}
