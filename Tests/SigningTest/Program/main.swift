import Foundation
import S3Signer

// Signs the requests on standard input, one JSON object a line, and prints what was signed, one a line and in the same
// order. `Tests/SigningTest/sign_test.py` compares it with what botocore makes of the same requests.

/// A request to sign, as the script writes it.
struct RequestLine: Decodable {
  let accessKey: String
  let secretKey: String
  let token: String?
  let region: String
  let seconds: Int64
  let method: String
  let path: String
  let query: [[String]]
  let headers: [[String]]
  let payload: String
  /// Present for a presigned URL.
  let expires: Int?

  func sign() -> ResultLine {
    let signer = Signer(
      Credentials(accessKeyID: accessKey, secretAccessKey: secretKey, sessionToken: token),
      scope: SigningScope(date: SigningDate(secondsSince1970: seconds), region: region))
    let request = SignableRequest(
      method: method, path: path, query: query.map { NamedValue($0[0], $0[1]) },
      headers: headers.map { NamedValue($0[0], $0[1]) },
      payload: payload == PayloadHash.unsigned.headerValue ? .unsigned : .sha256(hex: payload))
    if let expires {
      let presigned = signer.presign(request, expiresIn: expires)
      return ResultLine(canonical: presigned.canonicalRequest.text, result: presigned.target)
    }
    let signed = signer.sign(request)
    let authorization = signed.headerFields.first { $0.name == "Authorization" }
    return ResultLine(canonical: signed.canonicalRequest.text, result: authorization?.value ?? "")
  }
}

/// What came of it: the `Authorization` field, or path and query of the URL.
struct ResultLine: Encodable {
  let canonical: String
  let result: String
}

let (decoder, encoder) = (JSONDecoder(), JSONEncoder())
while let line = readLine() {
  let request = try decoder.decode(RequestLine.self, from: Data(line.utf8))
  print(String(decoding: try encoder.encode(request.sign()), as: UTF8.self))
}
