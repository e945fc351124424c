import Backends
import CondaTypes
import Foundation
import HTTPTypes
import Metadata
import NIOCore
import Server
import TestSupport
import Testing

/// Shard indexes that are served before a file has them, and the moment when one takes another's place.
///
/// The server writes nothing by itself here: it waits for a quiet hour.
@Suite struct DownloadFreshIndexTests {
  static let url = "/get/lab/noarch/repodata_shards.msgpack.zst"
  private static let path = ChannelFilePath.document(path: "noarch/repodata_shards.msgpack.zst")

  static func withQuietServer(
    root: String? = nil, now: @escaping @Sendable () -> Date = { Date() },
    _ body: @Sendable (TestApp) async throws -> Void
  ) async throws {
    try await TestApp.with(documentDelay: 3_600_000, root: root, now: now) { app in
      #expect(try await app.createChannel("lab").status == 201)
      try await body(app)
    }
  }

  private static func upload(_ number: Int, _ app: TestApp) async throws -> Digest {
    #expect(try await app.upload(PackageBuilder(version: "1.\(number)"), to: "lab").status == 201)
    return try await app.shardIndex().sha256
  }

  private static func expectIndex(_ digest: Digest, _ answer: Answer) throws {
    #expect(answer.status == 200)
    #expect(answer.headers[.eTag] == "\"\(digest.hex)\"")
    #expect(try ArchiveWriting.sha256(answer.body) == digest.hex)
  }

  @Test func isServedFromMemoryUntilItsFileIsWritten() async throws {
    try await Self.withQuietServer { app in
      let fresh = app.server.services.freshIndexes
      let digest = try await Self.upload(1, app)
      #expect(fresh.contains(digest))
      #expect(try await !app.hasFile(digest))
      let before = try await app.send(.get, Self.url)
      try Self.expectIndex(digest, before)
      try await app.settle("lab")
      #expect(try await app.hasFile(digest))
      #expect(fresh.subdirs().isEmpty)
      #expect(try await app.send(.get, Self.url).body == before.body)
    }
  }

  @Test func isTheSameFromMemoryAndFromItsFile() async throws {
    try await Self.withQuietServer { app in
      let etag = try await app.makeLargeIndex()
      let requests: [(HTTPRequest.Method, HTTPFields)] = [
        (.get, [:]), (.head, [:]), (.get, [.ifNoneMatch: etag]), (.get, [.ifNoneMatch: "\"other\""]),
        (.get, [.ifMatch: "\"other\""]), (.get, [.range: "bytes=0-9"]), (.get, [.range: "bytes=70000-"]),
        (.get, [.range: "bytes=-70000"]), (.get, [.range: "bytes=9000000-"]),
        (.get, [.range: "bytes=5-80000", .ifRange: etag]), (.head, [.range: "bytes=5-80000"]),
      ]
      let url = "/get/lab/linux-64/repodata_shards.msgpack.zst"
      var inMemory: [Answer] = []
      for (method, headers) in requests { inMemory.append(try await app.send(method, url, headers: headers)) }
      let fastInMemory = try await Self.exchange(app, url)
      #expect(!app.server.services.freshIndexes.subdirs().isEmpty)
      try await app.settle("lab")
      #expect(app.server.services.freshIndexes.subdirs().isEmpty)
      for ((method, headers), before) in zip(requests, inMemory) {
        let after = try await app.send(method, url, headers: headers)
        #expect(after.status == before.status && after.body == before.body, "\(method) \(headers)")
        #expect(after.steadyHeaders == before.steadyHeaders, "\(method) \(headers)")
      }
      #expect(inMemory[0].body.count > 80_000)
      #expect(inMemory.map(\.status) == [200, 200, 304, 200, 412, 206, 206, 206, 416, 206, 206])
      for answers in [fastInMemory, try await Self.exchange(app, url)] {
        #expect(answers.map(\.status) == [200, 200, 200, 304, 200])
        for index in [0, 1, 4] { #expect(answers[index].body == inMemory[0].body) }
      }
    }
  }

  /// Five requests over one connection, of which the fast path answers all but the first.
  private static func exchange(_ app: TestApp, _ url: String) async throws -> [RawConnection.RawAnswer] {
    let fastPath = try #require(app.server.services.fastPath)
    // A change that nobody sees: what other connections of the loop were given before does not count.
    app.server.services.downloads.cache.forgetDocuments(channelID: try await app.channelID("lab"))
    let etag = "\"\(try await app.shardIndex("linux-64").sha256.hex)\""
    let before = try await fastPath.answeredCount()
    let heads = [
      "GET \(url)", "GET \(url)", "HEAD \(url)", "GET \(url)|If-None-Match: \(etag)",
      "GET \(url)|Connection: close",
    ]
    let text = heads.map { head in
      let lines = head.split(separator: "|")
      return "\(lines[0]) HTTP/1.1\r\nHost: x\r\n" + lines.dropFirst().map { "\($0)\r\n" }.joined() + "\r\n"
    }
    let bytes = try await RawConnection.exchange(app.baseURL, sending: text.joined())
    #expect(try await fastPath.answeredCount() == before + 4)
    return try RawConnection.answers(in: bytes) { !heads[$0].hasPrefix("HEAD") }
  }

  @Test func staysForAReaderWhoHasJustBeenToldOfIt() async throws {
    try await Self.withQuietServer { app in
      var digests: [Digest] = []
      for number in 1...8 { digests.append(try await Self.upload(number, app)) }
      let fresh = app.server.services.freshIndexes
      #expect(digests.map(fresh.contains) == [false, false, false, false, true, true, true, true])
      for digest in digests { #expect(try await !app.hasFile(digest)) }
    }
  }

  /// A reader who looked an index up before others took its place gets what it was told of, or the newest: never an error.
  @Test(arguments: [1, 6]) func isNeverMissingForAReaderWhomUploadsOvertake(uploads: Int) async throws {
    try await Self.withQuietServer { app in
      let old = try await Self.upload(0, app)
      try Self.expectIndex(old, try await app.send(.get, Self.url))
      let cache = app.server.services.downloads.cache
      let channelID = try await app.channelID("lab")
      let told = try #require(cache.file(Self.path, channelID: channelID))
      var newest = old
      for number in 1...uploads { newest = try await Self.upload(number, app) }
      let expected = app.server.services.freshIndexes.contains(old) ? old : newest
      #expect((expected == newest) == (uploads > 4))
      for headers in [[:], [.range: "bytes=1-20"]] as [HTTPFields] {
        // As if this request had looked it up before the uploads.
        cache.forgetDocuments(channelID: channelID)
        cache.insert(
          told, at: Self.path, channelID: channelID, generation: cache.generation(channelID: channelID))
        let answer = try await app.send(.get, Self.url, headers: headers)
        #expect(answer.status == (headers.isEmpty ? 200 : 206))
        #expect(answer.headers[.eTag] == "\"\(expected.hex)\"")
      }
      cache.forgetDocuments(channelID: channelID)
      try Self.expectIndex(newest, try await app.send(.get, Self.url))
    }
  }

  @Test func isNotMissedByTheGarbageCollection() async throws {
    let clock = TestClock(Date().timeIntervalSince1970)
    try await Self.withQuietServer(now: { clock.date }) { app in
      let written = try await Self.upload(1, app)
      try await app.settle("lab")
      let fresh = try await Self.upload(2, app)
      clock.advance(7200)
      try await app.server.collectGarbage.collect()
      #expect(try await !app.hasFile(written))
      try Self.expectIndex(fresh, try await app.send(.get, Self.url))
      try await app.settle("lab")
      try await app.server.collectGarbage.collect()
      #expect(try await app.hasFile(fresh))
    }
  }

  @Test func replacesItsFileAMinuteAfterAnotherTookItsPlace() async throws {
    let clock = TestClock(Date().timeIntervalSince1970)
    try await Self.withQuietServer(now: { clock.date }) { app in
      var digests: [Digest] = []
      for number in 1...3 {
        digests.append(try await Self.upload(number, app))
        _ = try await Self.upload(number + 10, app)
        digests.append(try await app.shardIndex().sha256)
        try await app.settle("lab")
        // Far more than a minute: files are as old as the real clock says, which goes on meanwhile.
        clock.advance(7200)
      }
      var files: [Bool] = []
      for digest in digests { files.append(try await app.hasFile(digest)) }
      // Only the last of each pair was written; the first of those is gone by now.
      #expect(files == [false, false, false, true, false, true])
    }
  }
}

extension TestApp {
  func channelID(_ channel: String) async throws -> Int64 {
    try #require(try await metadata.channel(named: channel)).id
  }

  /// The row of a subdir's shard index in the channel `lab`.
  func shardIndex(_ subdir: String = "noarch") async throws -> DocumentRow {
    try #require(
      try await metadata.document(
        channelID: channelID("lab"), path: "\(subdir)/repodata_shards.msgpack.zst"))
  }

  /// Whether the documents store has a whole file of that digest.
  func hasFile(_ digest: Digest) async throws -> Bool {
    do {
      let reader = try await server.services.documents.get(BlobLayout.key(for: digest))
      let bytes = try await reader.collect(upTo: 1 << 24)
      return try ArchiveWriting.sha256(Array(bytes.readableBytesView)) == digest.hex
    } catch let error as BlobStoreError where error.kind == .notFound {
      return false
    }
  }

  /// Gives `linux-64` in `lab` an index of 3,000 names, of which there are only rows; says its ETag.
  fileprivate func makeLargeIndex() async throws -> String {
    let id = try await channelID("lab")
    try await metadata.ensureSubdir(channelID: id, subdir: "linux-64")
    let shards = try (0..<3000).map { number in
      let digest = try Digest(sha256Hex: ArchiveWriting.sha256(Array("\(number)".utf8)))
      return ShardRow(packageName: "package-\(number)", sha256: digest, size: 1)
    }
    try await metadata.commitIndex(
      IndexUpdate(channelID: id, subdir: "linux-64", shards: shards, now: Date()))
    try await server.services.indexer.publish(channelID: id, subdir: "linux-64")
    return "\"\(try await shardIndex("linux-64").sha256.hex)\""
  }
}
