import Foundation
import S3Signer
import Testing

@testable import Backends

@Suite struct WebIdentityTests {
  private let answer = """
    <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
      <AssumeRoleWithWebIdentityResult>
        <SubjectFromWebIdentityToken>system:serviceaccount:quetz</SubjectFromWebIdentityToken>
        <Credentials>
          <AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
          <SessionToken>session/+=</SessionToken><Expiration>2026-01-01T01:00:00Z</Expiration>
        </Credentials>
      </AssumeRoleWithWebIdentityResult>
    </AssumeRoleWithWebIdentityResponse>
    """

  @Test func takesTheRoleWithTheFilesToken() async throws {
    let server = try ScriptedServer.answering { [answer] request in
      let body = String(decoding: request.body, as: UTF8.self)
      let expected =
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fq"
        + "&RoleSessionName=me&WebIdentityToken=to%2Bken"
      let isRight = request.line == "POST / HTTP/1.1" && body == expected
      return ScriptedServer.answer(isRight ? "200 OK" : "400 \(body)", answer)
    }
    defer { server.stop() }
    let setting = try CredentialsSetting([
      "AWS_WEB_IDENTITY_TOKEN_FILE": "~/token", "AWS_ROLE_ARN": "arn:aws:iam::1:role/q",
      "AWS_ROLE_SESSION_NAME": "me", "AWS_ENDPOINT_URL_STS": server.url,
    ])
    try setting.write("to+ken\n", to: "token")
    let found = try await setting.chain().credentials()
    #expect(
      found
        == Credentials(accessKeyID: "ASIAROLE", secretAccessKey: "secret", sessionToken: "session/+="))
  }

  @Test func theProfileMayNameRoleAndToken() async throws {
    let server = try ScriptedServer.answering { [answer] _ in ScriptedServer.answer("200 OK", answer) }
    defer { server.stop() }
    let setting = try CredentialsSetting(["AWS_ENDPOINT_URL_STS": server.url])
    try setting.write("token", to: "token")
    try setting.write(
      "[default]\nrole_arn = arn\nweb_identity_token_file = \(setting.home)/token\n", to: ".aws/config")
    #expect(try await setting.accessKey() == "ASIAROLE")
  }

  @Test(
    arguments: [
      ("400 Bad Request", "ExpiredTokenException", BlobStoreError.Kind.permissionDenied),
      ("400 Bad Request", "IDPCommunicationError", .unavailable),
      ("503 Slow", "ServiceUnavailable", .unavailable),
    ])
  func aRefusalIsSaidInStsOwnWords(_ status: String, _ code: String, _ kind: BlobStoreError.Kind) async throws
  {
    let server = try ScriptedServer.answering { _ in
      let error = "<Error><Type>Sender</Type><Code>\(code)</Code><Message>No use</Message></Error>"
      return ScriptedServer.answer(status, "<ErrorResponse>\(error)</ErrorResponse>")
    }
    defer { server.stop() }
    let setting = try CredentialsSetting([
      "AWS_WEB_IDENTITY_TOKEN_FILE": "~/token", "AWS_ROLE_ARN": "arn", "AWS_ENDPOINT_URL_STS": server.url,
    ])
    try setting.write("very-secret-token", to: "token")
    let error = try #require(await setting.refusal())
    #expect(error.kind == kind)
    #expect(error.message.contains("the role 'arn' cannot be taken"))
    #expect(error.message.contains("(\(code): No use)"), "\(error.message)")
    #expect(!error.message.contains("very-secret"))
  }

  @Test(arguments: ["<html>hello</html>", "{}", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", ""])
  func anAnswerWithoutCredentialsIsRefused(_ document: String) async throws {
    let server = try ScriptedServer.answering { _ in ScriptedServer.answer("200 OK", document) }
    defer { server.stop() }
    let setting = try CredentialsSetting([
      "AWS_WEB_IDENTITY_TOKEN_FILE": "~/token", "AWS_ROLE_ARN": "arn", "AWS_ENDPOINT_URL_STS": server.url,
    ])
    try setting.write("token", to: "token")
    let error = try #require(await setting.refusal())
    #expect(error.message.contains("does not answer with credentials"))
  }

  @Test func stsIsTheRegionsOwn() {
    let none = AWSSettings(environment: [:])
    #expect(WebIdentityCredentials.endpoint(none, region: nil) == "https://sts.amazonaws.com/")
    #expect(
      WebIdentityCredentials.endpoint(none, region: "eu-west-3") == "https://sts.eu-west-3.amazonaws.com/")
    #expect(
      WebIdentityCredentials.endpoint(none, region: "cn-north-1")
        == "https://sts.cn-north-1.amazonaws.com.cn/")
  }
}
