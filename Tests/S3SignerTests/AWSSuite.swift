import Foundation
import S3Signer

/// The signing test suite of aws-c-auth: 38 requests, each signed by header and by query.
enum AWSSuite {
  static func cases() throws -> [SigningCase] {
    try VectorFolder.decode(Suite.self, from: "aws-c-auth/aws-c-auth-v4.json").cases.flatMap {
      [try signingCase($0, $0.header, isQuery: false), try signingCase($0, $0.query, isQuery: true)]
    }
  }

  private static func signingCase(_ item: Item, _ expected: Expected, isQuery: Bool) throws -> SigningCase {
    let context = item.context
    // A token that is added after signing is none of the signature's business.
    let token = context.omitSessionToken == true ? nil : context.credentials.token
    var request = try SignableRequest(
      method: item.request.method, target: item.request.target, headers: item.request.headers,
      body: item.request.body)
    if context.signBody && !isQuery {
      request = SignableRequest(
        method: request.method, path: request.path, query: request.query,
        headers: request.headers + [NamedValue("x-amz-content-sha256", request.payload.headerValue)],
        payload: request.payload)
    }
    var canonical = expected.canonicalRequest
    if !item.s3SignerAgrees {
      var lines = canonical.components(separatedBy: "\n")
      lines[1] = request.path
      canonical = lines.joined(separator: "\n")
    }
    return SigningCase(
      name: "aws-c-auth \(item.name), \(isQuery ? "query" : "header")",
      credentials: Credentials(
        accessKeyID: context.credentials.accessKeyId, secretAccessKey: context.credentials.secretAccessKey,
        sessionToken: token),
      scope: SigningScope(
        date: try SigningDate(context.timestamp), region: context.region, service: context.service),
      mode: isQuery ? .query(expiresIn: context.expirationInSeconds) : .header, request: request,
      canonicalRequest: item.s3SignerCanonicalRequest.flatMap { isQuery ? nil : $0 } ?? canonical,
      publishedCanonicalRequest: expected.canonicalRequest, stringToSign: expected.stringToSign,
      signature: expected.signature, outcome: nil)
  }

  private struct Suite: Decodable { let cases: [Item] }

  private struct Item: Decodable {
    let name: String
    let context: Context
    let request: Request
    let header: Expected
    let query: Expected
    let s3SignerAgrees: Bool
    let s3SignerCanonicalRequest: String?
  }

  private struct Context: Decodable {
    let credentials: Keys
    let expirationInSeconds: Int
    let region: String
    let service: String
    let signBody: Bool
    let timestamp: String
    let omitSessionToken: Bool?
  }

  private struct Keys: Decodable {
    let accessKeyId: String
    let secretAccessKey: String
    let token: String?
  }

  private struct Request: Decodable {
    let method: String
    let target: String
    let headers: [[String]]
    let body: String
  }

  private struct Expected: Decodable {
    let canonicalRequest: String
    let stringToSign: String
    let signature: String
  }
}
