import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import NIOCore
import Server
import TestSupport
import Testing

/// A channel's size limit holds on every way in, to the byte.
@Suite struct QuotaTests {
  private static func sizes(_ app: TestApp) async throws -> Int64 {
    try #require(try await app.metadata.channel(named: "lab")).size
  }

  private static func limit(_ app: TestApp, _ bytes: Int64) async throws {
    let answer = try await app.send(
      .patch, "/api/channels/lab", as: "owner", json: ["size_limit": .integer(bytes)])
    #expect(answer.status == 200)
  }

  @Test func letsTheLastByteInAndNotOneMore() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let (first, second) = (PackageBuilder(name: "a"), PackageBuilder(name: "b"))
      let (one, two) = (Int64(try first.bytes().count), Int64(try second.bytes().count))
      try await Self.limit(app, one + two - 1)
      #expect(try await app.upload(first, to: "lab").status == 201)
      expect(
        try await app.upload(second, to: "lab"), 422,
        .string("lab is above quota of \(one + two - 1) bytes"))
      #expect(try await Self.sizes(app) == one)
      try await Self.limit(app, one + two)
      #expect(try await app.upload(second, to: "lab").status == 201)
      #expect(try await Self.sizes(app) == one + two)
      // A replacement of the same size adds nothing; a deletion makes room.
      #expect(try await app.upload(second, to: "lab", force: true).status == 201)
      #expect(try await app.send(.delete, "/api/channels/lab/packages/a", as: "owner").status == 200)
      #expect(try await Self.sizes(app) == two)
      #expect(try await app.upload(first, to: "lab").status == 201)
    }
  }

  @Test func refusesABatchAsAWhole() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let packages = ["a", "b"].map { PackageBuilder(name: $0) }
      let total = try packages.reduce(Int64(0)) { $0 + Int64(try $1.bytes().count) }
      var form = Data()
      for package in packages {
        form += Data(
          "--X\r\nContent-Disposition: form-data; name=\"files\"; filename=\"\(package.fileName)\"\r\n\r\n"
            .utf8)
        form += Data(try package.bytes()) + Data("\r\n".utf8)
      }
      form += Data("--X--\r\n".utf8)
      for (limit, status, size) in [(total - 1, 422, 0), (total, 201, total)] as [(Int64, Int, Int64)] {
        try await Self.limit(app, limit)
        let answer = try await app.send(
          .post, "/api/channels/lab/files/", as: "owner",
          headers: [.contentType: "multipart/form-data; boundary=X"], body: .bytes(ByteBuffer(bytes: form)))
        #expect(answer.status == status, "\(answer.text)")
        #expect(try await Self.sizes(app) == size)
      }
    }
  }

  @Test func holdsForConcurrentCopiesAndUploads() async throws {
    try await TestApp.with { app in
      for name in ["lab", "src"] { try await app.createChannel(name) }
      let packages = (0..<6).map { PackageBuilder(name: "p\($0)") }
      for package in packages { #expect(try await app.upload(package, to: "src").status == 201) }
      let largest = try packages.map { Int64(try $0.bytes().count) }.max() ?? 0
      try await Self.limit(app, largest * 3)
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for (index, package) in packages.enumerated() {
          group.addTask {
            if index.isMultiple(of: 2) { return try await app.upload(package, to: "lab").status }
            return try await app.send(
              .post,
              "/api/channels/lab/packages/copy?source_channel=src&source_package=\(package.name)&subdir=noarch"
                + "&filename=\(package.fileName)", as: "owner"
            ).status
          }
        }
        return try await group.reduce(into: [Int]()) { $0.append($1) }
      }
      #expect(Set(statuses) == [201, 422])
      #expect(try await Self.sizes(app) <= largest * 3)
    }
  }
}
