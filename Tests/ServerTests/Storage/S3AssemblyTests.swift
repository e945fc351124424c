import Backends
import CondaTypes
import Foundation
import HTTPTypes
import Logging
import Testing

@testable import Server

/// What the parts of an S3 store are told, and what the log is told by them.
@Suite struct S3AssemblyTests {
  private static func section(_ lines: String) throws -> S3SectionConfiguration {
    let text = ConfigurationSectionsTests.required + "\n[s3]\nbucket_name = \"quetz\"\n" + lines
    return try #require(try ConfigurationLoader(environment: [:]).load(toml: text).configuration.s3)
  }

  @Test func aLabWithoutVerificationIsWarnedOnce() throws {
    let log = LogRecorder()
    let lines = "verify_tls = false\nregion = \"lab\"\npresign_url = \"https://s3.example.org\""
    _ = try S3Assembly(section: try Self.section(lines), environment: [:], logger: log.logger()).packages()
    #expect(log.lines.map(\.level) == [.warning])
    #expect(log.lines.first?.message.contains("verify_tls") == true)

    let quiet = LogRecorder()
    _ = try S3Assembly(section: try Self.section(""), environment: [:], logger: quiet.logger()).packages()
    #expect(quiet.lines.isEmpty)
  }

  @Test func aClockThatDiffersIsSaid() {
    let log = LogRecorder()
    S3Assembly.log(.clockSkew(seconds: -3600), log.logger())
    #expect(log.lines.map(\.level) == [.warning])
    #expect(log.lines.first?.message.contains("clock") == true)
    #expect(log.lines.first?.metadata == ["skew_seconds": "-3600"])
  }

  @Test func anEmptyRegionIsTheOneOfAWSTools() async throws {
    // Any server will do: its refusal does not name a region.
    try await TestApp.with { app in
      let section = try Self.section(
        "url = \"\(app.baseURL)\"\naccess_key = \"AKID\"\nsecret_key = \"secret\"")
      let storage = try S3Assembly(
        section: section, environment: ["AWS_REGION": "eu-north-1"], logger: LogRecorder().logger()
      ).packages()
      let store = try #require(storage.store as? any PresigningBlobStore)
      let url = try await store.presignedURL(
        for: BlobKey("sha256/ab/ab"), method: .get, expiresIn: .seconds(60), responseFields: [:])
      #expect(url.contains("%2Feu-north-1%2Fs3%2Faws4_request"))
    }
  }

  @Test func wholePackagesAreRetriedAndVerified() throws {
    let section = try Self.section("region = \"lab\"")
    let storage = try S3Assembly(section: section, environment: [:], logger: LogRecorder().logger())
      .packages()
    #expect(storage.store is ObservedStore<VerifyingStore<RetryingStore<S3Store>>>)
  }
}
