import CurlHTTP
import HTTPTypes
import NIOCore
import S3Signer

extension S3Client {
  /// Removes an object; one that is not there is no error.
  func deleteObject(_ objectKey: String) async throws(S3Failure) {
    do {
      try await head(of: S3Request(.delete, objectKey))
    } catch {
      guard error.refusal?.kind == .noSuchKey else { throw error }
    }
  }

  /// Removes up to 1,000 objects with one request.
  ///
  /// - Returns: Those that could not be removed, with the server's word why.
  func deleteObjects(_ objectKeys: [String]) async throws(S3Failure) -> [(objectKey: String, code: String)] {
    var text = "<Delete><Quiet>true</Quiet>"
    for key in objectKeys { text += "<Object><Key>\(Self.escape(key))</Key></Object>" }
    text += "</Delete>"
    var request = S3Request(.post, query: [NamedValue("delete", "")])
    let body = ByteBuffer(string: text)
    // Old servers want the MD5, which AWS takes as the checksum it insists on.
    request.headers = [
      NamedValue("Content-MD5", MD5.base64Digest(of: body)), NamedValue("Content-Type", "application/xml"),
    ]
    request.body = .bytes(body)
    request.payload = .of(body.readableBytesView)
    let answer = try await document(of: request, root: "DeleteResult")
    return answer.all("Error").compactMap { error in
      let code = error["Code"] ?? ""
      return code == "NoSuchKey" ? nil : (error["Key"] ?? "", code)
    }
  }

  /// Text as the content of an element. Object keys have no control characters.
  static func escape(_ text: String) -> String {
    var escaped = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }
}
