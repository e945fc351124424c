import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import NIOCore
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct ServingTests {
  @Test func servesWhatUpstreamsDocumentsTellPeopleToType() async throws {
    try await RunningServer.with { server in
      let match = try #require(server.program.output.firstMatch(of: /key created for user.*: (\S+)/))
      #expect(String(match.1) == server.key)
      #expect(server.key.utf8.allSatisfy { $0 != UInt8(ascii: "_") })
      let answer = try await server.send(.get, "/get/channel0/noarch/repodata.json")
      #expect(answer.status == 200)
      #expect(try await server.send(.get, "/api/dummylogin/alice").status == 307)
    }
  }

  @Test func aSecondStartSaysWhoHoldsTheDeployment() async throws {
    try await RunningServer.with { server in
      let second = try await Program.quetz.run(["start", server.deployment, "--port", "0"])
      #expect(second.exitCode == 1)
      #expect(second.errors.contains("in use by process \(server.program.processID)"))
      let deletion = try await Program.quetz.run(["delete", server.deployment, "--force"])
      #expect(deletion.exitCode == 1)
      #expect(FileManager.default.fileExists(atPath: server.deployment))
    }
  }

  @Test func aTakenPortIsNamed() async throws {
    try await RunningServer.with { server in
      let port = try #require(server.url.split(separator: ":").last)
      let other = server.folder + "/other"
      let second = try await Program.quetz.run(["run", other, "--create-conf", "--port", String(port)])
      #expect(second.exitCode == 1)
      #expect(second.errors.contains("Port \(port) of 127.0.0.1 is in use"))
    }
  }

  @Test func aTerminatedServerFinishesTheUploadThatIsRunning() async throws {
    try await RunningServer.with { server in
      var builder = PackageBuilder(name: "slow", version: "1.0", build: "0", format: .conda)
      builder.randomPayloadSize = 900_000
      let bytes = try builder.bytes()
      let (stream, feed) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
      feed.yield(ByteBuffer(bytes: bytes[..<400_000]))
      let fileName = builder.fileName
      async let answer = server.send(
        .post, "/api/channels/channel0/upload/\(fileName)?sha256=", headers: [.apiKey: server.key],
        body: .stream(size: Int64(bytes.count), stream))
      try await server.waitForSpooledBytes()
      server.program.send(signal: SIGTERM)
      feed.yield(ByteBuffer(bytes: bytes[400_000...]))
      feed.finish()
      #expect(try await answer.status == 201)
      let outcome = await server.program.outcome()
      #expect(outcome.exitCode == 0)
      let spool = try FileManager.default.contentsOfDirectory(atPath: server.deployment + "/spool")
      #expect(spool.isEmpty)
    }
  }

  @Test(arguments: [SIGTERM, SIGINT]) func anIdleServerEndsAtOnceWithSuccess(signal: Int32) async throws {
    try await RunningServer.with { server in
      server.program.send(signal: signal)
      #expect(await server.program.outcome().exitCode == 0)
    }
  }
}

extension HTTPField.Name {
  static let apiKey = HTTPField.Name("X-API-Key") ?? .authorization
}

extension RunningServer {
  /// Waits until an upload's first batch of bytes (256 KiB) is written: its spool file is there.
  func waitForSpooledBytes() async throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
      let names = try FileManager.default.contentsOfDirectory(atPath: deployment + "/spool")
      if !names.isEmpty { return }
      try await Task.sleep(for: .milliseconds(10))  // another process's file has no event to wait for
    }
    Issue.record("the upload did not begin")
  }
}
