import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import NIOCore
import Server
import TestSupport
import Testing

/// Files that go out by sendfile, in pieces of 4 MiB.
@Suite struct DownloadLargeFilesTests {
  static let package: PackageBuilder = {
    var package = PackageBuilder(name: "large", version: "1.0", build: "0", format: .conda)
    package.randomPayloadSize = 5_300_000
    return package
  }()
  static let path = "/get/lab/noarch/large-1.0-0.conda"

  private static func withFile(_ body: @Sendable (TestApp, [UInt8]) async throws -> Void) async throws {
    let bytes = try package.bytes()
    #expect(bytes.count > 5 << 20)
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(bytes, named: package.fileName, to: "lab").status == 201)
      try await body(app, bytes)
    }
  }

  @Test func arriveByteForByte() async throws {
    try await Self.withFile { app, bytes in
      let answer = try await app.send(.get, Self.path)
      #expect(answer.status == 200)
      #expect(answer.body == bytes)
      #expect(answer.headers[.contentLength] == String(bytes.count))
    }
  }

  @Test func arriveInRangesAcrossPieces() async throws {
    try await Self.withFile { app, bytes in
      let piece = 4 << 20
      let ranges = [
        0..<1, 0..<(64 << 10), 0..<((64 << 10) + 1), 1000..<200_000, (piece - 1)..<(piece + 1),
        (piece - 100_000)..<(piece + 100_000),
        piece..<bytes.count, (piece + 1)..<(piece + 2), 1..<bytes.count, 0..<bytes.count,
        (bytes.count - 1)..<bytes.count,
        100..<(100 + piece), 100..<(101 + piece),
      ]
      for range in ranges {
        let answer = try await app.send(
          .get, Self.path, headers: [.range: "bytes=\(range.lowerBound)-\(range.upperBound - 1)"])
        #expect(answer.status == 206, "\(range)")
        #expect(answer.body.elementsEqual(bytes[range]), "\(range)")
        #expect(
          answer.headers[.contentRange] == "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(bytes.count)")
      }
    }
  }

  @Test func answerPipelinedRequestsInOrder() async throws {
    try await Self.withFile { app, bytes in
      let request = { (path: String, more: String) in "GET \(path) HTTP/1.1\r\nHost: x\r\n\(more)\r\n" }
      let received = try await RawConnection.exchange(
        app.baseURL,
        sending: request(Self.path, "") + request("/get/lab/noarch/repodata.json", "")
          + request(Self.path, "Range: bytes=100-4999999\r\n") + request("/get/lab/none", "")
          + request(Self.path, "Connection: close\r\n"))
      let answers = try RawConnection.answers(in: received)
      #expect(answers.map(\.status) == [200, 200, 206, 404, 200])
      try #require(answers.count == 5)
      #expect(answers[0].body == bytes)
      #expect(answers[2].body.elementsEqual(bytes[100...4_999_999]))
      #expect(answers[4].body == bytes)
    }
  }

  @Test func arriveAtManyClientsAtOnce() async throws {
    try await Self.withFile { app, bytes in
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for _ in 0..<6 {
          group.addTask { try await app.send(.get, Self.path).body == bytes }
        }
        for try await isEqual in group { #expect(isEqual) }
      }
    }
  }

  @Test func letGoOfTheServerWhenTheClientLeaves() async throws {
    try await Self.withFile { app, bytes in
      for _ in 0..<5 {
        // Sends the request and reads a little; the connection is closed with most of the file unsent.
        let request = try HTTPRequest(.get, url: app.baseURL + Self.path)
        let answer = try await app.transport.send(request)
        var count = 0
        for try await chunk in answer.body {
          count += chunk.readableBytes
          break
        }
        #expect(count > 0)
      }
      #expect(try await app.send(.get, Self.path).body == bytes)
    }
  }

  @Test func answer502IfTheirBytesAreGone() async throws {
    try await Self.withFile { app, bytes in
      let hex = try ArchiveWriting.sha256(bytes)
      try FileManager.default.removeItem(
        atPath: "\(app.deployment.packagesFolder)/sha256/\(hex.prefix(2))/\(hex)")
      let answer = try await app.send(.get, Self.path)
      #expect(answer.status == 502)
      #expect(answer.detail == "the file is listed but its bytes are missing from the store")
      #expect(!answer.text.contains(app.deployment.root))
    }
  }

  @Test(arguments: [0, 1000, 4_500_000]) func answerAnErrorIfTheirBytesWereCut(size: Int) async throws {
    try await Self.withFile { app, bytes in
      let hex = try ArchiveWriting.sha256(bytes)
      let path = "\(app.deployment.packagesFolder)/sha256/\(hex.prefix(2))/\(hex)"
      try Data(bytes.prefix(size)).write(to: URL(fileURLWithPath: path))
      // Neither an answer that never ends nor one that claims to be whole.
      let whole = try await app.send(.get, Self.path)
      #expect(whole.status == 502)
      let range = try await app.send(.get, Self.path, headers: [.range: "bytes=5000000-5000010"])
      #expect(range.status == 502)
      #expect(try await app.send(.get, "/get/lab/noarch/repodata.json").status == 200)
    }
  }
}
