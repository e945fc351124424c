import Foundation
import S3Signer
import Testing

/// Every published vector, one test a stage, so that a failure names the stage.
@Suite("Signature V4, stage by stage")
struct SigningStagesTests {
  static let cases: [SigningCase] =
    (try? AWSSuite.cases() + BotocoreSuite.cases() + S3Vectors.cases()) ?? []

  @Test func readsEveryVector() throws {
    #expect(try AWSSuite.cases().count == 76)
    #expect(try BotocoreSuite.cases().count == 34)
    #expect(try S3Vectors.cases().count == 100)
    #expect(Self.cases.filter { !$0.isWhatS3Signs }.count == 18, "those of services that normalise paths")
  }

  @Test(arguments: cases)
  func stage1MakesTheCanonicalRequest(_ item: SigningCase) {
    #expect(sign(item).canonicalRequest.text == item.canonicalRequest)
  }

  @Test(arguments: cases)
  func stage2MakesTheStringToSign(_ item: SigningCase) {
    let string = StringToSign(canonicalRequest: item.publishedCanonicalRequest, scope: item.scope)
    #expect(string.text == item.stringToSign)
  }

  @Test(arguments: cases)
  func stage3Signs(_ item: SigningCase) {
    let key = SigningKey(item.credentials, scope: item.scope)
    #expect(key.signature(of: StringToSign(text: item.stringToSign)) == item.signature)
  }

  @Test(arguments: cases.filter(\.isWhatS3Signs))
  func allStagesTogetherGiveThePublishedSignature(_ item: SigningCase) {
    #expect(sign(item).signature == item.signature)
  }

  @Test(arguments: cases.filter { $0.outcome != nil && $0.isWhatS3Signs })
  func writesTheSignatureAsPublished(_ item: SigningCase) {
    let signer = Signer(item.credentials, scope: item.scope)
    switch item.mode {
    case .header:
      let field = signer.sign(item.request).headerFields.first { $0.name == "Authorization" }
      #expect(field?.value == item.outcome)
    case .query(let seconds):
      let target = signer.presign(item.request, expiresIn: seconds).target
      #expect(target.parts == item.outcome?.parts)
    }
  }

  @Test func derivesTheSigningKey() throws {
    let keys = try S3Vectors.signingKeys()
    #expect(keys.count == 2)
    for expected in keys {
      let scope = SigningScope(
        date: try SigningDate("\(expected.date)T000000Z"), region: expected.region, service: expected.service)
      let credentials = Credentials(accessKeyID: "any", secretAccessKey: expected.secretKey)
      #expect(Hex.encode(SigningKey(credentials, scope: scope).bytes) == expected.signingKeyHex)
    }
  }

  private func sign(_ item: SigningCase) -> (canonicalRequest: CanonicalRequest, signature: String) {
    let signer = Signer(item.credentials, scope: item.scope)
    switch item.mode {
    case .header:
      let signed = signer.sign(item.request)
      return (signed.canonicalRequest, signed.signature)
    case .query(let seconds):
      let presigned = signer.presign(item.request, expiresIn: seconds)
      return (presigned.canonicalRequest, presigned.signature)
    }
  }
}

extension String {
  /// Path and parameters of a target, the latter in whatever order.
  fileprivate var parts: [String] {
    let halves = split(separator: "?", maxSplits: 1)
    return [String(halves[0])]
      + halves.dropFirst().flatMap { $0.split(separator: "&").map(String.init) }.sorted()
  }
}
