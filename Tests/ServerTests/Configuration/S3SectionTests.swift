import Testing

@testable import Server

@Suite struct S3SectionTests {
  private static let least = "[s3]\nbucket_name = \"quetz\"\n"

  private func load(_ toml: String, environment: [String: String] = [:]) throws -> ServerConfiguration {
    try ConfigurationLoader(environment: environment)
      .load(toml: ConfigurationSectionsTests.required + "\n" + toml).configuration
  }

  private func problems(_ toml: String) -> Set<String> {
    do {
      _ = try ConfigurationLoader(environment: [:])
        .load(toml: ConfigurationSectionsTests.required + "\n" + toml)
      return []
    } catch {
      return Set(error.problems.map(\.key))
    }
  }

  @Test func countsOnceItHasAKey() throws {
    #expect(try load("").s3 == nil)
    #expect(try load("[s3]\n").s3 == nil)
    #expect(try load(Self.least).s3?.bucket == "quetz")
    #expect(try load("", environment: ["QUETZ_S3_BUCKET_NAME": "quetz"]).s3?.bucket == "quetz")
    #expect(problems("[s3]\nregion = \"eu-central-1\"") == ["s3.bucket_name"])
  }

  @Test func hasDefaults() throws {
    let s3 = try #require(try load(Self.least).s3)
    #expect(s3.url == "https://s3.amazonaws.com" && s3.region == nil)
    #expect(s3.accessKey.isEmpty && s3.secretKey.value.isEmpty && s3.sessionToken == nil)
    #expect(s3.keyPrefix == "packages/")
    #expect(s3.addressing == .auto && s3.redirect == .presigned && s3.redirectCredentials == .safe)
    #expect(s3.presignLifetime == .seconds(3600) && s3.publicURL == nil && s3.presignURL == nil)
    #expect(s3.multipartThreshold.bytes == 64 << 20 && s3.partSize.bytes == 16 << 20)
    #expect(s3.maxConnections == 64 && !s3.createBucket && s3.verifyTLS && s3.caBundle == nil)
    #expect(s3.connectTimeout == .seconds(10) && s3.idleTimeout == .seconds(30))
    #expect(s3.retryBudget == .seconds(20))
  }

  @Test func putsPrefixAndSuffixAroundTheFolder() throws {
    let s3 = try load(Self.least + "bucket_prefix = \"prod/eu-\"\nbucket_suffix = \"-v2\"").s3
    #expect(s3?.keyPrefix == "prod/eu-packages-v2/")
    #expect(s3?.checkPrefix == "prod/eu-check-storage-v2/")
  }

  @Test(arguments: [
    ("access_key = \"a\"", "s3.secret_key"), ("secret_key = \"a\"", "s3.access_key"),
    ("session_token = \"a\"", "s3.session_token"), ("url = \"s3.example.org\"", "s3.url"),
    ("url = \"https://s3.example.org/bucket\"", "s3.url"), ("url = \"ftp://s3.example.org\"", "s3.url"),
    ("url = \"https://key:secret@s3.example.org\"", "s3.url"),
    ("presign_url = \"/files\"\nregion = \"r\"", "s3.presign_url"),
    ("presign_url = \"https://s3.example.org\"", "s3.presign_url"), ("public_url = \"cdn\"", "s3.public_url"),
    ("public_url = \"https://cdn.example.org/?a=b\"", "s3.public_url"),
    ("bucket_prefix = \"/a\"", "s3.bucket_prefix"), ("bucket_prefix = \"a/../\"", "s3.bucket_prefix"),
    ("addressing = \"dns\"", "s3.addressing"), ("redirect = \"always\"", "s3.redirect"),
    ("redirect_credentials = \"none\"", "s3.redirect_credentials"), ("presign_ttl = 0", "s3.presign_ttl"),
    ("presign_ttl = 604801", "s3.presign_ttl"), ("part_size = \"1 MiB\"", "s3.part_size"),
    ("multipart_threshold = \"6 GiB\"", "s3.multipart_threshold"),
    ("max_connections = 0", "s3.max_connections"),
    ("verify_tls = \"perhaps\"", "s3.verify_tls"), ("retry_budget = -1", "s3.retry_budget"),
  ])
  func refusesByKey(line: String, key: String) {
    #expect(problems(Self.least + line) == [key])
  }

  @Test func reportsAllMistakesTogether() {
    #expect(
      problems("[s3]\naccess_key = \"a\"\nurl = \"x\"\npresign_ttl = 0\nbucket_name = \"a/b\"\n")
        == ["s3.secret_key", "s3.url", "s3.presign_ttl", "s3.bucket_name"])
  }

  @Test func neverRepeatsASecret() {
    let error = #expect(throws: ConfigurationError.self) {
      try ConfigurationLoader(environment: [:]).load(
        toml: "[s3]\nsecret_key = [\"hunter2\"]\nsession_token = \"hunter3\"")
    }
    #expect(error?.description.contains("hunter") == false)
    #expect(error?.problems.map(\.key).contains("s3.secret_key") == true)
  }

  @Test func isReadAloneForATransfer() throws {
    let section = try ConfigurationLoader.loadS3(toml: Self.least, fileName: "new.toml")
    #expect(section?.bucket == "quetz")
    #expect(try ConfigurationLoader.loadS3(toml: "[session]\n", fileName: "new.toml") == nil)
  }

  @Test(arguments: [
    ("redirect_enabled = true", "local_store.redirect_secret"),
    (
      "redirect_enabled = true\nredirect_secret = \"s\"\nredirect_endpoint = \"files\"",
      "local_store.redirect_endpoint"
    ),
    ("redirect_expiration = 0", "local_store.redirect_expiration"),
  ])
  func refusesLocalRedirectsThatWouldBeOpen(lines: String, key: String) {
    #expect(problems("[local_store]\n" + lines) == [key])
  }
}
