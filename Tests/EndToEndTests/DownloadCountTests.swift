import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import NIOCore
import TestSupport
import Testing

/// Every download that was answered is counted once, however the server ends.
@Suite struct DownloadCountTests {
  private static let connections = 8
  private static let requestsPerConnection = 25
  private static let perRound = connections * requestsPerConnection + 1

  @Test func countsAreExactWhenTheServerIsKilledAgainAndAgain() async throws {
    try await RunningServer.with { server in
      let names = try await [
        Self.upload("small", size: 10, to: server), Self.upload("large", size: 300_000, to: server),
      ]
      try await Self.downloadAll(names, from: server)
      try await server.killedAndStartedAgain { server in
        try await Self.expect(Self.perRound, of: names, at: server)
        try await Self.downloadAll(names, from: server)
        try await server.killedAndStartedAgain { server in
          try await Self.expect(2 * Self.perRound, of: names, at: server)
          // Nothing was asked for since: nothing may be added.
          try await server.killedAndStartedAgain { server in
            try await Self.expect(2 * Self.perRound, of: names, at: server)
          }
        }
      }
    }
  }

  private static func upload(_ name: String, size: Int, to server: RunningServer) async throws -> String {
    var package = PackageBuilder(name: name, version: "1.0", build: "0", format: .conda)
    package.randomPayloadSize = size
    let path = "/api/channels/channel0/upload/\(package.fileName)?sha256="
    let answer = try await server.send(
      .post, path, headers: [.apiKey: server.key], body: .bytes(ByteBuffer(bytes: try package.bytes())))
    #expect(answer.status == 201)
    return package.fileName
  }

  /// The first download of each goes through the router; most of the others are answered ahead of the parser, pipelined on
  /// several connections. All have been received when this returns.
  private static func downloadAll(_ names: [String], from server: RunningServer) async throws {
    for name in names {
      let path = "/get/channel0/noarch/\(name)"
      #expect(try await server.send(.get, path).status == 200)
      let request = "GET \(path) HTTP/1.1\r\nHost: x\r\n"
      let text =
        String(repeating: request + "\r\n", count: requestsPerConnection - 1) + request
        + "Connection: close\r\n\r\n"
      try await withThrowingTaskGroup(of: [Int].self) { group in
        for _ in 0..<connections {
          group.addTask {
            let bytes = try await RawConnection.exchange(server.url, sending: text)
            return try RawConnection.answers(in: bytes).map(\.status)
          }
        }
        for try await statuses in group {
          #expect(statuses == [Int](repeating: 200, count: requestsPerConnection))
        }
      }
    }
  }

  private static func expect(_ count: Int, of names: [String], at server: RunningServer) async throws {
    for name in names {
      let package = name.prefix { $0 != "-" }
      let answer = try await server.send(
        .get, "/api/channels/channel0/packages/\(package)/versions/noarch/\(name)")
      #expect(answer.text.contains(#""download_count":\#(count),"#), "\(answer.text)")
    }
  }
}
