import Foundation
import S3Signer
import Testing

@testable import Backends

@Suite struct ContainerCredentialsTests {
  private static let document = """
    {"RoleArn": "r", "AccessKeyId": "ASIABOX", "SecretAccessKey": "s", "Token": "t", "Expiration": "2026-01-01T06:00:00Z"}
    """

  private func server() throws -> ScriptedServer {
    try ScriptedServer.answering { request in
      let isRight =
        request.line == "GET /creds?id=1 HTTP/1.1" && request.header("Authorization") == "Bearer x"
      return isRight
        ? ScriptedServer.answer("200 OK", Self.document)
        : ScriptedServer.answer("401 Unauthorized", #"{"code": "no",\#n "message": "who are you"}"#)
    }
  }

  @Test func asksTheUrlWithTheTokenOfTheFile() async throws {
    let server = try server()
    defer { server.stop() }
    let setting = try CredentialsSetting([
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.url)/creds?id=1",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "~/token", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "wrong",
    ])
    try setting.write("Bearer x\n", to: "token")
    let found = try await setting.chain().credentials()
    #expect(found == Credentials(accessKeyID: "ASIABOX", secretAccessKey: "s", sessionToken: "t"))
  }

  @Test func asksTheUrlWithTheTokenOfTheEnvironment() async throws {
    let server = try server()
    defer { server.stop() }
    let setting = try CredentialsSetting([
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.url)/creds?id=1",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer x",
    ])
    #expect(try await setting.accessKey() == "ASIABOX")
  }

  @Test func aRefusalIsSaidWithoutTheToken() async throws {
    let server = try server()
    defer { server.stop() }
    let setting = try CredentialsSetting([
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.url)/creds?id=1",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer hidden",
    ])
    let error = try #require(await setting.refusal())
    #expect(error.kind == .permissionDenied)
    #expect(
      error.message.contains(#"answers 401 ({"code": "no", "message": "who are you"})"#), "\(error.message)")
    #expect(!error.message.contains("hidden"))
  }

  @Test func aRefusedTokenInTheUrlIsNotSaid() async throws {
    let server = try server()
    defer { server.stop() }
    let setting = try CredentialsSetting([
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.url)/creds?token=hidden"
    ])
    let error = try #require(await setting.refusal())
    #expect(error.message.contains("\(server.url)/creds answers 401"), "\(error.message)")
    #expect(!error.message.contains("hidden"))
  }

  @Test func aTokenInTheUrlIsNotSaidWhereTheAnswerIsNoUse() async throws {
    let server = try ScriptedServer.answering { _ in ScriptedServer.answer("200 OK", "<html>") }
    defer { server.stop() }
    let setting = try CredentialsSetting([
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.url)/creds?token=hidden"
    ])
    let error = try #require(await setting.refusal())
    #expect(error.message.contains("\(server.url)/creds does not answer with"), "\(error.message)")
    #expect(!error.message.contains("hidden"))
  }

  @Test(
    arguments: [
      ("http://me:hidden@127.0.0.1:1/a?b=hidden#hidden", "is http://127.0.0.1:1/a, expected https"),
      ("https://?hidden", "text that is no URL does not answer (expected an http or https URL"),
      ("https://me:hidden@127.0.0.1:1/", "https://127.0.0.1:1/ does not answer (expected an http"),
      ("hidden", "is text that is no URL, expected https"),
    ])
  func aUrlOfNoUseIsSaidWithoutItsSecrets(_ url: String, _ words: String) async throws {
    let setting = try CredentialsSetting(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url])
    let error = try #require(await setting.refusal())
    #expect(error.message.contains(words), "\(error.message)")
    #expect(!error.message.contains("hidden"))
  }

  @Test func nobodyAtTheAddressIsWorthAnotherTry() async throws {
    let server = try server()
    server.stop()
    let setting = try CredentialsSetting(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.url)/"])
    #expect(await setting.refusal()?.kind == .unavailable)
  }

  @Test func aTokenWithALineBreakIsRefused() async throws {
    let setting = try CredentialsSetting([
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a\r\nX-Evil: 1",
    ])
    #expect(await setting.refusal()?.message.contains("it has control characters") == true)
  }

  @Test func aRelativeUriIsAtThePlatformsAddress() {
    let settings = AWSSettings(environment: [
      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/1",
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/",
    ])
    #expect(ContainerCredentials.url(settings) == "http://169.254.170.2/v2/credentials/1")
  }

  @Test(
    arguments: [
      ("https://example.com/", true), ("http://127.0.0.1:80/x", true), ("http://127.9.9.9", true),
      ("http://localhost:1/", true), ("http://169.254.170.23/v1", true), ("http://[::1]:1/", true),
      ("http://[fd00:ec2::23]/v1", true), ("http://[fe80::1]/", true), ("HTTP://LOCALHOST/", false),
      ("http://example.com/", false), ("http://localhost.example.com/", false), ("http://10.0.0.1/", false),
      ("http://127.0.0.1@example.com/", false), ("http://127.0.0.1.example.com/", false),
      ("http://127.1/", false), ("http://example.com\\@127.0.0.1/", false), ("ftp://127.0.0.1/", false),
      ("http://[2001:db8::1]/", false), ("127.0.0.1", false), ("", false),
    ])
  func secretsComeByTlsOrFromNearby(_ url: String, _ isFine: Bool) {
    #expect(ContainerCredentials.isTrustworthy(url) == isFine)
  }
}
