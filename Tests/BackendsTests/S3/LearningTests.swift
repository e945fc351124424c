import Backends
import CurlHTTP
import HTTPTypes
import Locks
import NIOCore
import Testing

@Suite("S3: clock, region, diagnosis, URLs")
struct S3LearningTests {
  @Test func theServersClockIsAdoptedAndReported() async throws {
    // The bench's clock stands at Wed, 18 Nov 2026 11:06:40 GMT.
    let date = ["Date": "Wed, 18 Nov 2026 12:06:40 GMT"]
    let bench = try S3Bench([.error(403, "RequestTimeTooSkewed", "", date), .status(204, "", [:])])
    try await bench.store.delete(S3Bench.key())
    #expect(bench.events.withLock { $0 } == [.clockSkew(seconds: 3600)])
    #expect(bench.transport.sent.map { $0.field("x-amz-date") } == ["20261118T110640Z", "20261118T120640Z"])
  }

  @Test func theRegionIsTakenFromTheServersAnswer() async throws {
    let bench = try S3Bench([
      .error(400, "AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>"),
      .xml("<ListBucketResult/>"), .status(204, "", [:]),
    ]) { $0.region = "" }
    try await bench.store.delete(S3Bench.key())
    #expect(bench.events.withLock { $0 } == [.regionFound("eu-west-3")])
    #expect(bench.transport.sent.last?.field("authorization")?.contains("/eu-west-3/s3/") == true)
  }

  @Test func theRegionOfAWSToolsIsAskedFirstAndCorrected() async throws {
    let bench = try S3Bench(
      [
        .error(400, "AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>"),
        .xml("<ListBucketResult/>"), .status(204, "", [:]),
      ], regionHint: "eu-north-1"
    ) { $0.region = "" }
    try await bench.store.delete(S3Bench.key())
    let regions = bench.transport.sent.map { $0.field("authorization")?.split(separator: "/")[2] }
    #expect(regions == ["eu-north-1", "eu-west-3", "eu-west-3"])
  }

  @Test func aConfiguredRegionIsTakenAtItsWord() async throws {
    let bench = try S3Bench([.status(204, "", [:])], regionHint: "eu-north-1")
    try await bench.store.delete(S3Bench.key())
    #expect(bench.transport.sent.first?.field("authorization")?.contains("/us-east-1/s3/") == true)
  }

  @Test func awsIsAddressedByRegionAndVirtualHost() async throws {
    let bench = try S3Bench([.status(204, "", [:])]) {
      $0.endpoint = ""
      $0.region = "eu-central-1"
    }
    try await bench.store.delete(S3Bench.key())
    #expect(bench.transport.sent.first?.authority == "bucket.s3.eu-central-1.amazonaws.com")
    #expect(bench.transport.sent.first?.path == "/quetz/sha256/ab/abc%25")
  }

  @Test(arguments: [
    (ScriptedTransport.Answer.error(403, "InvalidAccessKeyId"), S3Diagnosis.Problem.wrongKeys, "access_key"),
    (.error(403, "SignatureDoesNotMatch"), .wrongKeys, "secret_key"),
    (.error(404, "NoSuchBucket"), .missingBucket, "create_bucket"),
    (.error(400, "AuthorizationHeaderMalformed", "<Region>mars-1</Region>"), .wrongRegion, "mars-1"),
    (.status(301, "", ["x-amz-bucket-region": "mars-1"]), .wrongRegion, "mars-1"),
    (.error(403, "AccessDenied"), .refusedPermission, "s3:ListBucket"),
    (.failure(.cannotConnect), .unreachable, "url"),
    (.failure(.untrustedCertificate), .untrustedCertificate, "ca_bundle"),
    (.status(200, "<html></html>", [:]), .notS3, "url"),
  ])
  func theDiagnosisNamesTheProblemAndTheRemedy(
    _ answer: ScriptedTransport.Answer, _ problem: S3Diagnosis.Problem, _ remedy: String
  ) async throws {
    let bench = try S3Bench([answer])
    let diagnosis = try #require(await bench.store.diagnose())
    #expect(diagnosis.problem == problem)
    #expect(diagnosis.description.contains(remedy))
    #expect(!diagnosis.description.contains("secret\""))
  }

  @Test func aMissingBucketIsMadeIfThatIsConfigured() async throws {
    let bench = try S3Bench([
      .error(404, "NoSuchBucket"), .status(200, "", [:]), .status(200, "", [:]),
      .status(200, "", ["Content-Length": "37"]), .status(204, "", [:]),
    ]) { $0.createBucket = true }
    let diagnosis = await bench.store.diagnose()
    #expect(diagnosis == nil, "\(String(describing: diagnosis))")
    #expect(bench.transport.sent.map(\.method) == ["GET", "PUT", "PUT", "HEAD", "DELETE"])
    #expect(bench.events.withLock { $0 } == [.bucketCreated("bucket")])
  }

  @Test func aPublicURLReplacesWhatIsBeforeTheKey() async throws {
    let bench = try S3Bench([]) { $0.publicURL = "https://cdn.example.com/p/" }
    func url(_ method: HTTPRequest.Method) async throws -> String {
      try await bench.store.presignedURL(
        for: BlobKey("a b.conda"), method: method, expiresIn: .seconds(60), responseFields: [:])
    }
    #expect(try await url(.get).hasPrefix("https://cdn.example.com/p/quetz/a%20b.conda?X-Amz-Algorithm="))
    #expect(try await url(.put).hasPrefix("http://s3.test:9000/bucket/quetz/a%20b.conda?X-Amz-Algorithm="))
  }

  @Test func responseFieldsAreOverriddenInReadsOnly() async throws {
    let bench = try S3Bench([])
    let fields: HTTPFields = [.contentType: "application/x"]
    let store = bench.store
    let url = try await store.presignedURL(
      for: S3Bench.key(), method: .get, expiresIn: .seconds(60), responseFields: fields)
    #expect(url.contains("response-content-type=application%2Fx"))
    for (method, lifetime) in [(HTTPRequest.Method.put, Duration.seconds(60)), (.get, .seconds(604_801))] {
      let kind = await S3Bench.kind {
        _ = try await store.presignedURL(
          for: S3Bench.key(), method: method, expiresIn: lifetime, responseFields: fields)
      }
      #expect(kind == .unexpected)
    }
  }

  @Test(arguments: ["ftp://x", "http://", "http://a/b", "http://u@h"])
  func anEndpointThatIsNoHostIsRefused(_ endpoint: String) {
    #expect(throws: BlobStoreError.self) { try S3Bench([]) { $0.endpoint = endpoint } }
  }
}
