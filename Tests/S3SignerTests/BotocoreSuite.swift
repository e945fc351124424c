import Foundation
import S3Signer
import Testing

/// Amazon's older suite as botocore has it: one folder a request, one file a stage (`.req .creq .sts .authz`).
enum BotocoreSuite {
  static func cases() throws -> [SigningCase] {
    let root = VectorFolder.url("botocore/aws4_testsuite")
    let files = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
    return try files.compactMap { $0 as? URL }
      .filter { $0.pathExtension == "req" }
      .sorted { $0.path < $1.path }
      .map(signingCase)
  }

  private static func signingCase(_ file: URL) throws -> SigningCase {
    func text(_ stage: String) throws -> String {
      try String(contentsOf: file.deletingPathExtension().appendingPathExtension(stage), encoding: .utf8)
    }
    let request = try parse(try text("req"))
    let published = try text("creq")
    let isNormalised = file.path.contains("/normalize-path/")
    var lines = published.components(separatedBy: "\n")
    if isNormalised { lines[1] = request.path }
    let authorization = try text("authz")
    let signature = try #require(authorization.components(separatedBy: "Signature=").last)
    return SigningCase(
      name: "botocore \(file.deletingPathExtension().lastPathComponent)",
      credentials: Credentials(
        accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        sessionToken: token(of: published)),
      scope: SigningScope(date: try SigningDate("20150830T123600Z"), region: "us-east-1", service: "service"),
      mode: .header, request: request, canonicalRequest: lines.joined(separator: "\n"),
      publishedCanonicalRequest: published, stringToSign: try text("sts"), signature: signature,
      outcome: authorization)
  }

  /// The token of the credentials, which some requests of the suite leave to the signer to add.
  private static func token(of canonicalRequest: String) -> String? {
    let prefix = "x-amz-security-token:"
    return canonicalRequest.components(separatedBy: "\n").first { $0.hasPrefix(prefix) }
      .map { String($0.dropFirst(prefix.count)) }
  }

  /// Reads a request as the suite writes it: spaces in the target, folded header lines.
  private static func parse(_ text: String) throws -> SignableRequest {
    let halves = text.components(separatedBy: "\n\n")
    let lines = halves[0].components(separatedBy: "\n")
    let method = try #require(lines[0].components(separatedBy: " ").first)
    let target = lines[0].dropFirst(method.count + 1).dropLast(" HTTP/1.1".count)
    var headers: [[String]] = []
    for line in lines.dropFirst() where !line.isEmpty {
      if line.hasPrefix(" ") {
        headers[headers.count - 1][1] += "\n\(line)"
      } else {
        let colon = try #require(line.firstIndex(of: ":"))
        headers.append([String(line[..<colon]), String(line[line.index(after: colon)...])])
      }
    }
    return try SignableRequest(
      method: method, target: String(target), headers: headers, body: halves.count > 1 ? halves[1] : "")
  }
}
