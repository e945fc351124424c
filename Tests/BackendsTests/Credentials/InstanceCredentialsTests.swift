import Foundation
import S3Signer
import Testing

@testable import Backends

@Suite struct InstanceCredentialsTests {
  private static let path = "/latest/meta-data/iam/security-credentials/"

  /// A metadata service; `role` is what it names, `document` what it hands out.
  private func service(role: String, document: String, status: String = "200 OK") throws -> ScriptedServer {
    try ScriptedServer.answering { request in
      if request.line == "PUT /latest/api/token HTTP/1.1" {
        let lifetime = request.header("X-aws-ec2-metadata-token-ttl-seconds")
        return ScriptedServer.answer(lifetime == "21600" ? "200 OK" : "400 Bad", "the-token")
      }
      guard request.header("X-aws-ec2-metadata-token") == "the-token" else {
        return ScriptedServer.answer("401 Unauthorized")
      }
      switch request.target {
      case Self.path: return ScriptedServer.answer(status, role)
      case Self.path + "my%20role": return ScriptedServer.answer("200 OK", document)
      default: return ScriptedServer.answer("404 Not Found")
      }
    }
  }

  private func document(_ expiration: String) -> String {
    """
    {"Code": "Success", "LastUpdated": "x", "Type": "AWS-HMAC", "AccessKeyId": "ASIAVM", "SecretAccessKey": "s",
     "Token": "t", "Expiration": "\(expiration)"}
    """
  }

  @Test func asksForATokenTheRoleAndItsCredentials() async throws {
    let server = try service(role: "my role\n", document: document("2026-01-01T06:00:00Z"))
    defer { server.stop() }
    let setting = try CredentialsSetting(metadata: server.url + "/")
    let found = try await setting.chain().credentials()
    #expect(found == Credentials(accessKeyID: "ASIAVM", secretAccessKey: "s", sessionToken: "t"))
  }

  @Test func aMachineWithoutARoleHasNothing() async throws {
    let server = try service(role: "", document: "", status: "404 Not Found")
    defer { server.stop() }
    let error = try #require(await CredentialsSetting(metadata: server.url).refusal())
    #expect(error.message.contains("this machine has no role"))
  }

  @Test func noServiceMeansNoCredentials() async throws {
    let server = try service(role: "", document: "")
    server.stop()
    let error = try #require(await CredentialsSetting(metadata: server.url).refusal())
    #expect(error.message.contains("no instance metadata service answers at \(server.url)"))
  }

  @Test(
    arguments: [
      (
        #"{"Code": "AssumeRoleUnauthorizedAccess", "Message": "no trust"}"#,
        "AssumeRoleUnauthorizedAccess (no trust)"
      ),
      (#"{"Code": "Success", "AccessKeyId": "a"}"#, "answers without AccessKeyId and SecretAccessKey"),
      ("<html>", "does not answer with credentials as JSON"),
      (
        #"{"Code": "Success", "AccessKeyId": "a", "SecretAccessKey": "b", "Expiration": "soon"}"#,
        "the Expiration 'soon', which is no moment"
      ),
    ])
  func whatIsWrongWithTheAnswerIsSaid(_ document: String, _ words: String) async throws {
    let server = try service(role: "my role", document: document)
    defer { server.stop() }
    let error = try #require(await CredentialsSetting(metadata: server.url).refusal())
    #expect(error.message.contains(words), "\(error.message)")
  }

  @Test func expiredCredentialsAreNotUsed() async throws {
    let server = try service(role: "my role", document: document("2025-12-31T23:59:00Z"))
    defer { server.stop() }
    let error = try #require(await CredentialsSetting(metadata: server.url).refusal())
    #expect(error.kind == .unavailable)
    #expect(error.message.contains("had expired 60 s before; is this machine's clock right?"))
  }

  @Test func newOnesAreFetchedBeforeTheOldOnesExpire() async throws {
    let server = try service(role: "my role", document: document("2026-01-01T06:00:00Z"))
    defer { server.stop() }
    let setting = try CredentialsSetting(metadata: server.url)
    let chain = setting.chain()
    _ = try await chain.credentials()
    let connections = server.connectionCount
    _ = try await chain.credentials()
    #expect(server.connectionCount == connections, "what is known costs no request")
    server.stop()
    setting.move(by: 6 * 3600 - 30)
    #expect(try await chain.credentials().accessKeyID == "ASIAVM", "they work for 30 s more")
    setting.move(by: 60)
    await #expect(throws: BlobStoreError.self) { try await chain.credentials() }
  }

  @Test func theAddressFollowsTheEnvironment() {
    func endpoint(_ environment: [String: String]) -> String {
      InstanceCredentials.endpoint(AWSSettings(environment: environment))
    }
    #expect(endpoint([:]) == "http://169.254.169.254")
    #expect(endpoint(["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6"]) == "http://[fd00:ec2::254]")
    #expect(endpoint(["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1/"]) == "http://127.0.0.1:1")
  }
}
