import Backends
import CurlHTTP
import Foundation
import HTTPTypes
import Locks
import NIOCore
import Testing

@Suite("S3: reading objects")
struct S3ReadingTests {
  static let head = ["ETag": "\"e1\"", "Last-Modified": "Thu, 26 Nov 2026 11:22:33 GMT"]

  @Test func aRangeIsAskedForAndTheWholeSizeComesBack() async throws {
    let fields = Self.head.merging(["Content-Range": "bytes 2-4/10"]) { $1 }
    let bench = try S3Bench([.status(206, "cde", fields)])
    let reader = try await bench.store.get(S3Bench.key("a.conda"), range: 2..<5)
    #expect(reader.info.size == 10)
    #expect(reader.info.etag == "e1")
    #expect(reader.info.modified.timeIntervalSince1970 == 1_795_692_153)
    #expect(try await String(buffer: reader.collect(upTo: 10)) == "cde")
    let sent = try #require(bench.transport.sent.first)
    #expect(sent.path == "/bucket/quetz/a.conda")
    #expect(sent.field("Range") == "bytes=2-4")
    #expect(
      sent.field("Authorization")?.contains("SignedHeaders=host;range;x-amz-content-sha256;x-amz-date")
        == true)
  }

  @Test func aServerThatIgnoresRangesIsReadAsFarAsNeeded() async throws {
    let bench = try S3Bench([.status(200, "abcdefghij", Self.head)])
    let reader = try await bench.store.get(S3Bench.key("a.conda"), range: 2..<5)
    #expect(try await String(buffer: reader.collect(upTo: 10)) == "cde")
  }

  @Test func aBodyShorterThanTheObjectIsDamage() async throws {
    for size in [10, 300_000] {
      let bench = try S3Bench([.status(200, "abc", ["Content-Length": "\(size)"])])
      let kind = await S3Bench.kind { _ = try await bench.store.get(S3Bench.key()).collect(upTo: 300_000) }
      #expect(kind == .damaged)
    }
  }

  /// The beginning of a blob of 300,000 bytes, which is not read before it is handed out.
  static let beginning = ScriptedTransport.Answer.cut(
    200, "abcd", head.merging(["Content-Length": "300000"]) { $1 }, .connectionLost)
  static let rest = String(repeating: "e", count: 299_996)
  static let restRange = ["Content-Range": "bytes 4-299999/300000"]

  @Test func aBrokenDownloadIsContinuedWhereItBrokeOff() async throws {
    let bench = try S3Bench([
      Self.beginning, .failure(.cannotConnect),
      .status(206, Self.rest, Self.head.merging(Self.restRange) { $1 }),
    ])
    let store = RetryingStore(bench.store, policy: bench.store.retryPolicy)
    let reader = try await store.get(S3Bench.key())
    #expect(try await String(buffer: reader.collect(upTo: 300_000)) == "abcd" + Self.rest)
    #expect(bench.transport.sent.last?.field("Range") == "bytes=4-299999")
    #expect(bench.waits.withLock { $0.count } == 2)
  }

  @Test func aBlobReplacedMeanwhileIsNotContinued() async throws {
    let other = Self.restRange.merging(["ETag": "\"e2\""]) { $1 }
    let bench = try S3Bench([Self.beginning, .status(206, Self.rest, other)])
    let reader = try await RetryingStore(bench.store, policy: bench.store.retryPolicy).get(S3Bench.key())
    #expect(await S3Bench.kind { _ = try await reader.collect(upTo: 300_000) } == .damaged)
  }

  @Test func anUnsatisfiableRangeTellsTheSize() async throws {
    let bench = try S3Bench([.error(416, "InvalidRange"), .status(200, "", ["Content-Length": "7"])])
    #expect(
      await S3Bench.kind { _ = try await bench.store.get(S3Bench.key(), range: 9..<10) }
        == .rangeNotSatisfiable(size: 7))
  }

  @Test func anAnswerWithoutALengthIsRefused() async throws {
    let bench = try S3Bench([.status(200, "abc", ["Content-Length": "many"])])
    #expect(await S3Bench.kind { _ = try await bench.store.get(S3Bench.key()) } == .unexpected)
  }

  @Test func aSmallObjectIsCheckedAgainstTheDigestItWasStoredWith() async throws {
    let wrong = ["x-amz-meta-sha256": String(repeating: "0", count: 64)]
    let bench = try S3Bench([.status(200, "abc", wrong)])
    #expect(await S3Bench.kind { _ = try await bench.store.get(S3Bench.key()) } == .unavailable)
  }

  @Test(arguments: [
    (["ETag": "\"e1\""], nil), (["ETag": "\"e2\""], BlobStoreError.Kind.unavailable), ([:], .unavailable),
    (["ETag": "\"e1\"", "Content-Length": "4"], .unavailable),
    (["ETag": "\"e1\"", "x-amz-meta-sha256": String(repeating: "0", count: 64)], .unavailable),
  ])
  func aSmallObjectWithoutADigestIsTheOneItStillIsAfterwards(
    _ fields: [String: String], _ kind: BlobStoreError.Kind?
  ) async throws {
    let later = ["Content-Length": "3"].merging(fields) { $1 }
    let bench = try S3Bench([.status(200, "abc", Self.head), .status(200, "", later)])
    #expect(await S3Bench.kind { _ = try await bench.store.get(S3Bench.key()) } == kind)
    #expect(bench.transport.sent.map(\.method) == ["GET", "HEAD"])
  }

  @Test func theETagOfAMultipartObjectIsTakenAsItIs() async throws {
    let bench = try S3Bench([.status(200, "", ["Content-Length": "3", "ETag": "\"9bf-2\""])])
    #expect(try await bench.store.info(S3Bench.key()).etag == "9bf-2")
  }

  @Test(arguments: [
    (ScriptedTransport.Answer.error(404, "NoSuchKey"), BlobStoreError.Kind.notFound),
    (.error(403, "AccessDenied"), .permissionDenied), (.error(403, "InvalidAccessKeyId"), .permissionDenied),
    (.error(503, "SlowDown"), .unavailable), (.error(500, "InternalError"), .unavailable),
    (.status(502, "<html>bad gateway", [:]), .unavailable), (.status(429, "", [:]), .unavailable),
    (.status(404, "<html><body>nginx", [:]), .unexpected), (.error(404, "NoSuchBucket"), .unexpected),
    (.error(412, "PreconditionFailed"), .unexpected), (.status(301, "", [:]), .unexpected),
    (.error(301, "PermanentRedirect", "<Endpoint>x</Endpoint>"), .unexpected),
    (.error(403, "QuotaExceeded"), .outOfSpace), (.failure(.cannotConnect), .unavailable),
    (.failure(.idleTimeout), .unavailable), (.failure(.untrustedCertificate), .unexpected),
  ])
  func everyRefusalHasItsKind(_ answer: ScriptedTransport.Answer, _ kind: BlobStoreError.Kind) async throws {
    let bench = try S3Bench([answer])
    #expect(await S3Bench.kind { _ = try await bench.store.get(S3Bench.key()) } == kind)
    #expect(bench.transport.unused == 0)
  }
}
