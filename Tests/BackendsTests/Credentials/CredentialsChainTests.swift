import Foundation
import S3Signer
import Testing

@testable import Backends

@Suite struct CredentialsChainTests {
  private let keys = ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"]
  private let file = "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n"

  @Test func configuredKeysComeFirst() async throws {
    let setting = try CredentialsSetting(keys)
    let found = try await setting.chain(.named("OURS", token: "")).credentials()
    #expect(found == .named("OURS"), "an empty session token is none")
  }

  @Test func emptyConfiguredKeysMeanTheEnvironment() async throws {
    let setting = try CredentialsSetting(keys)
    try setting.write(file, to: ".aws/credentials")
    let found = try await setting.chain(Credentials(accessKeyID: "", secretAccessKey: "")).credentials()
    #expect(found == Credentials(accessKeyID: "ENV", secretAccessKey: "s", sessionToken: "t"))
  }

  @Test func theProfileFollowsTheEnvironment() async throws {
    let setting = try CredentialsSetting(["AWS_ACCESS_KEY_ID": ""])
    try setting.write(file, to: ".aws/credentials")
    #expect(try await setting.accessKey() == "FILE")
  }

  @Test func aChosenProfileAndChosenFilesAreUsed() async throws {
    let setting = try CredentialsSetting([
      "AWS_PROFILE": "lab", "AWS_SHARED_CREDENTIALS_FILE": "~/keys", "AWS_CONFIG_FILE": "~/settings",
    ])
    try setting.write(file, to: ".aws/credentials")
    try setting.write("[profile lab]\nregion = eu-west-3\naws_access_key_id = OLD\n", to: "settings")
    try setting.write(
      "[lab]\naws_access_key_id = LAB\naws_secret_access_key = s\naws_session_token = t\n", to: "keys")
    let found = try await setting.chain().credentials()
    #expect(found == Credentials(accessKeyID: "LAB", secretAccessKey: "s", sessionToken: "t"))
    #expect(await setting.settings.region() == "eu-west-3")
  }

  @Test(
    arguments: [
      (["AWS_REGION": "r1", "AWS_DEFAULT_REGION": "r2"], "r1"), (["AWS_DEFAULT_REGION": "r2"], "r2"),
      ([:], nil),
    ] as [([String: String], String?)])
  func theRegionComesFromTheEnvironment(_ environment: [String: String], _ region: String?) async throws {
    #expect(try await CredentialsSetting(environment).settings.region() == region)
  }

  @Test func withNothingAnywhereOneSentenceSaysWhereItLookedAndWhatToDo() async throws {
    let setting = try CredentialsSetting()
    let error = try #require(await setting.refusal())
    #expect(error.kind == .permissionDenied)
    let expected = """
      there are no credentials for S3: [s3] has no access_key and secret_key; AWS_ACCESS_KEY_ID is not set; there is no \
      profile 'default' in \(setting.home)/.aws/credentials and \(setting.home)/.aws/config; \
      AWS_WEB_IDENTITY_TOKEN_FILE is not set; AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set; instance \
      metadata is switched off by AWS_EC2_METADATA_DISABLED; set access_key and secret_key in [s3], or provide one of the \
      others
      """
    #expect(error.message == expected)
  }

  @Test(
    arguments: [
      (["AWS_ACCESS_KEY_ID": "a"], "", "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not"),
      (["AWS_SECRET_ACCESS_KEY": "xyzzy"], "", "AWS_SECRET_ACCESS_KEY is set but AWS_ACCESS_KEY_ID is not"),
      (["AWS_PROFILE": "gone"], "[default]\n", "there is no profile 'gone'"),
      ([:], "[default]\naws_access_key_id = a\n", "the profile 'default' has only one of"),
      (["AWS_WEB_IDENTITY_TOKEN_FILE": "/x"], "", "AWS_ROLE_ARN is not"),
      (["AWS_WEB_IDENTITY_TOKEN_FILE": "/x", "AWS_ROLE_ARN": "r"], "", "token cannot be read: open '/x'"),
      (
        ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.com/"], "",
        "expected https, or http to a loopback or link-local address"
      ),
    ] as [([String: String], String, String)])
  func aSourceInUseThatDoesNotWorkEndsTheSearch(
    _ environment: [String: String], _ profiles: String, _ words: String
  ) async throws {
    let setting = try CredentialsSetting(environment)
    if !profiles.isEmpty { try setting.write(profiles, to: ".aws/credentials") }
    let error = try #require(await setting.refusal())
    #expect(error.kind == .permissionDenied)
    #expect(error.message.contains(words), "\(error.message)")
    #expect(error.message.contains("set access_key and secret_key in [s3]"))
    #expect(!error.message.contains("xyzzy"))
  }

  @Test func whatAProfileHasInsteadOfKeysIsNamed() async throws {
    let setting = try CredentialsSetting()
    try setting.write("[default]\ncredential_process = /bin/keys\n", to: ".aws/config")
    let error = try #require(await setting.refusal())
    #expect(error.message.contains("(its credential_process is not supported)"))
  }

  @Test func halfAConfiguredPairIsAMistake() async throws {
    let setting = try CredentialsSetting(keys)
    let error = try #require(await setting.refusal(Credentials(accessKeyID: "a", secretAccessKey: "")))
    #expect(error.message.contains("[s3] has an access_key but no secret_key"))
  }
}
