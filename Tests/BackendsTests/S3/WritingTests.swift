import Backends
import CurlHTTP
import Foundation
import HTTPTypes
import Locks
import NIOCore
import Testing

@Suite("S3: writing objects")
struct S3WritingTests {
  static let created =
    "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>"
  static let completed = "<CompleteMultipartUploadResult><ETag>\"x\"</ETag></CompleteMultipartUploadResult>"

  /// A stream of `count` letters.
  static func letters(_ count: Int) -> ClosureStream {
    ClosureStream { index in
      let left = count - index * 1_000_000
      return left <= 0 ? nil : ByteBuffer(repeating: UInt8(ascii: "a"), count: min(left, 1_000_000))
    }
  }

  @Test func theSignedDigestIsThatOfTheBytes() async throws {
    let bench = try S3Bench([.status(200, "", [:])])
    try await bench.store.put(.bytes(ByteBuffer(string: "abc")), at: S3Bench.key())
    let sent = try #require(bench.transport.sent.first)
    #expect(sent.method == "PUT")
    #expect(
      sent.field("x-amz-content-sha256") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
  }

  @Test func bytesThatAreNotThoseAnnouncedAreNotSent() async throws {
    let bench = try S3Bench([])
    let body = BlobBody.bytes(ByteBuffer(string: "abc"), sha256: String(repeating: "0", count: 64))
    #expect(await S3Bench.kind { try await bench.store.put(body, at: S3Bench.key()) } == .digestMismatch)
    #expect(bench.transport.sent.isEmpty)
  }

  @Test func aLongStreamGoesInParts() async throws {
    let etag = ["ETag": "\"p\""]
    let bench = try S3Bench([
      .xml(Self.created), .status(200, "", etag), .status(200, "", etag), .xml("\n \n" + Self.completed),
    ]) { $0.partSize = 5 << 20 }
    try await bench.store.put(.stream(Self.letters((5 << 20) + 7)), at: S3Bench.key())
    let sent = bench.transport.sent
    #expect(sent.map(\.method) == ["POST", "PUT", "PUT", "POST"])
    #expect(sent.dropFirst().first?.path.contains("partNumber=1&uploadId=u1") == true)
    #expect(Set(sent.filter { $0.method == "PUT" }.map(\.body.utf8.count)) == [5 << 20, 7])
    #expect(
      sent.last?.body.contains("<Part><PartNumber>2</PartNumber><ETag>&quot;p&quot;</ETag></Part>") == true)
  }

  @Test func aPartIsSentAgainAndNothingElse() async throws {
    let etag = ["ETag": "\"p\""]
    let bench = try S3Bench([
      .xml(Self.created), .failure(.connectionLost), .error(503, "SlowDown", "", ["Retry-After": "7"]),
      .status(200, "", etag), .status(200, "", etag), .xml(Self.completed),
    ]) {
      $0.partSize = 5 << 20
      $0.partsInParallel = 1
    }
    try await bench.store.put(.stream(Self.letters((5 << 20) + 7)), at: S3Bench.key())
    #expect(bench.transport.sent.map(\.method) == ["POST", "PUT", "PUT", "PUT", "PUT", "POST"])
    #expect(bench.waits.withLock { $0 } == [.milliseconds(100), .seconds(7)])
  }

  @Test func anErrorInsideA200IsAFailureAndTheUploadIsGivenUp() async throws {
    let bench = try S3Bench([
      .xml(Self.created), .status(200, "", ["ETag": "p"]), .status(200, "", ["ETag": "p"]),
      .error(200, "InvalidPart"), .status(204, "", [:]),
    ]) { $0.partSize = 5 << 20 }
    let body = BlobBody.stream(Self.letters((5 << 20) + 7))
    #expect(await S3Bench.kind { try await bench.store.put(body, at: S3Bench.key()) } == .unexpected)
    #expect(bench.transport.sent.last?.method == "DELETE")
    #expect(bench.transport.sent.last?.path.hasSuffix("?uploadId=u1") == true)
  }

  @Test func wrongBytesInPartsAreGivenUpBeforeTheEnd() async throws {
    let bench = try S3Bench([
      .xml(Self.created), .status(200, "", ["ETag": "p"]), .status(200, "", ["ETag": "p"]),
      .status(204, "", [:]),
    ]) { $0.partSize = 5 << 20 }
    let body = BlobBody.stream(Self.letters((5 << 20) + 7), sha256: String(repeating: "0", count: 64))
    #expect(await S3Bench.kind { try await bench.store.put(body, at: S3Bench.key()) } == .digestMismatch)
    #expect(bench.transport.sent.last?.method == "DELETE")
  }

  @Test func oldUploadsOfOursAreSweptAndNoOthers() async throws {
    func upload(_ key: String, _ id: String, _ begun: String) -> String {
      "<Upload><Key>\(key)</Key><UploadId>\(id)</UploadId><Initiated>\(begun)</Initiated></Upload>"
    }
    let old = "2020-01-01T00:00:00.000Z"
    let page =
      "<ListMultipartUploadsResult>" + upload("quetz/a.conda", "1", old)
      + upload("quetz/b.conda", "2", "2099-01-01T00:00:00.000Z") + upload("other/c.conda", "3", old)
      + upload("quetz/%zz", "4", old) + "</ListMultipartUploadsResult>"
    let bench = try S3Bench([.xml(page), .status(204, "", [:])])
    #expect(try await bench.store.sweepUploads(olderThan: .seconds(86_400)) == 1)
    #expect(bench.transport.sent.last?.path == "/bucket/quetz/a.conda?uploadId=1")
  }

  @Test func manyBlobsAreDeletedWithOneRequest() async throws {
    let bench = try S3Bench([.xml("<DeleteResult/>")])
    try await bench.store.delete([BlobKey("a&b.conda"), BlobKey("c.conda")])
    let sent = try #require(bench.transport.sent.first)
    #expect(sent.path == "/bucket?delete=")
    #expect(sent.field("Content-MD5")?.count == 24)
    #expect(sent.body.contains("<Key>quetz/a&amp;b.conda</Key>"))
  }
}
