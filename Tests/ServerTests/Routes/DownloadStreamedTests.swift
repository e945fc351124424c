import Backends
import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Logging
import Server
import TestSupport
import Testing

/// Artifacts that lie in a store elsewhere and go through us.
@Suite struct DownloadStreamedTests {
  static let package: PackageBuilder = {
    var package = PackageBuilder(name: "far", version: "1.0", build: "0", format: .conda)
    package.randomPayloadSize = 600_000
    return package
  }()
  static let path = "/get/lab/noarch/far-1.0-0.conda"

  private static func withFile(
    log: LogRecorder? = nil, _ body: @Sendable (TestApp, ScriptedBucket, [UInt8]) async throws -> Void
  ) async throws {
    let bytes = try package.bytes()
    let bucket = ScriptedBucket()
    try await TestApp.with(storage: bucket.storage(), log: log) { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(bytes, named: package.fileName, to: "lab").status == 201)
      try await body(app, bucket, bytes)
    }
  }

  @Test func arriveByteForByteWholeAndInRanges() async throws {
    try await Self.withFile { app, _, bytes in
      let whole = try await app.send(.get, Self.path)
      #expect(whole.status == 200)
      #expect(whole.body == bytes)
      #expect(whole.headers[.contentLength] == String(bytes.count))
      let tail = try await app.send(.get, Self.path, headers: [.range: "bytes=-100"])
      #expect(tail.status == 206)
      #expect(tail.body == bytes.suffix(100))
      let head = try await app.send(.head, Self.path)
      #expect(head.status == 200)
      #expect(head.headers[.contentLength] == String(bytes.count))
    }
  }

  @Test func goOnByRangeWhereTheStoreBreaksOff() async throws {
    try await Self.withFile { app, bucket, bytes in
      bucket.schedule(.breaksOff(after: 300_000), .breaksOff(after: 0), .breaksOff(after: 100_000))
      let answer = try await app.send(.get, Self.path)
      #expect(answer.status == 200)
      #expect(answer.body == bytes)
      let end = Int64(bytes.count)
      #expect(bucket.ranges == [nil, 300_000..<end, 300_000..<end, 400_000..<end])
    }
  }

  @Test func breakTheConnectionWhereTheStoreKeepsBreakingOff() async throws {
    try await Self.withFile { app, bucket, _ in
      bucket.schedule(
        .breaksOff(after: 70_000))
      for _ in 0..<20 { bucket.schedule(.breaksOff(after: 0)) }
      await #expect(throws: (any Error).self) { try await app.send(.get, Self.path) }
    }
  }

  @Test func breakTheConnectionBeforeWrongBytesLookComplete() async throws {
    let log = LogRecorder()
    try await Self.withFile(log: log) { app, bucket, bytes in
      bucket.schedule(.lies)
      let request = "GET \(Self.path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
      let answer = try await RawConnection.exchange(app.baseURL, sending: request)
      let head = try #require(answer.firstRange(of: Array("\r\n\r\n".utf8)))
      #expect(answer.count - head.upperBound < bytes.count)
      #expect(log.lines.map(\.level) == [.critical], "damage in the bucket is for a person to look at")
      #expect(try await app.send(.get, Self.path).body == bytes, "the next one is whole")
    }
  }

  @Test func isA503WithRetryAfterWhileTheStoreIsAway() async throws {
    try await Self.withFile { app, bucket, _ in
      for _ in 0..<20 { bucket.schedule(.refuses(.unavailable)) }
      let answer = try await app.send(.get, Self.path)
      #expect(answer.status == 503)
      #expect(answer.headers[.retryAfter] == "5")
      #expect(answer.headers[.errorCode] == "storage_unavailable")
    }
  }

  @Test func isA502WhereTheBytesAreMissingOrRefused() async throws {
    let log = LogRecorder()
    try await Self.withFile(log: log) { app, bucket, _ in
      bucket.schedule(.refuses(.notFound), .refuses(.permissionDenied))
      let missing = try await app.send(.get, Self.path)
      #expect(missing.status == 502)
      #expect(missing.headers[.errorCode] == "package_bytes_missing")
      let refused = try await app.send(.get, Self.path)
      #expect(refused.status == 502)
      #expect(refused.headers[.errorCode] == "storage_failed")
      #expect(refused.headers[.retryAfter] != nil)
    }
    // The server's own end may be a line as well.
    let failures = log.lines.filter { $0.message == "request failed" }
    #expect(failures.map(\.level) == [.critical, .error])
    #expect(failures.first?.metadata["error.code"] == "package_bytes_missing")
    #expect(failures.first?.metadata["http.path"] == Self.path)
  }
}
