import Foundation
import HTTPTypes
import TestSupport
import Testing

@Suite struct DownloadConditionsTests {
  static let path = "/get/lab/noarch/repodata.json"

  /// A small file's answer under these request headers.
  private static func answer(_ headers: @Sendable (Answer) -> HTTPFields) async throws -> (
    full: Answer, got: Answer
  ) {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let full = try await app.send(.get, path)
      return (full, try await app.send(.get, path, headers: headers(full)))
    }
  }

  @Test(arguments: ["\"TAG\"", "W/\"TAG\"", "\"x\", \"TAG\"", "TAG", "*"])
  func answersAKnownTagWith304AndNoBody(form: String) async throws {
    let (full, got) = try await Self.answer { full in
      let tag = full.headers[.eTag]?.filter { $0 != "\"" } ?? ""
      return [.ifNoneMatch: form.replacingOccurrences(of: "TAG", with: tag)]
    }
    #expect(got.status == 304)
    #expect(got.body.isEmpty)
    for name in [HTTPField.Name.eTag, .cacheControl, .lastModified] {
      #expect(got.headers[name] == full.headers[name], "\(name)")
    }
    #expect(got.headers[.contentType] == nil)
    #expect(got.headers[.contentLength] == nil || got.headers[.contentLength] == full.headers[.contentLength])
  }

  @Test func asksTheTagBeforeTheDate() async throws {
    let other = try await Self.answer { full in
      [.ifNoneMatch: "\"other\"", .ifModifiedSince: full.headers[.lastModified] ?? ""]
    }
    #expect(other.got.status == 200)
    #expect(other.got.body == other.full.body)
    let known = try await Self.answer { full in
      [.ifNoneMatch: full.headers[.eTag] ?? "", .ifModifiedSince: "Thu, 01 Jan 1970 00:00:00 GMT"]
    }
    #expect(known.got.status == 304)
  }

  @Test func answersTheDateOfTheFileWith304() async throws {
    let same = try await Self.answer { [.ifModifiedSince: $0.headers[.lastModified] ?? ""] }
    #expect(same.got.status == 304)
    #expect(same.got.body.isEmpty)
    let old = try await Self.answer { _ in [.ifModifiedSince: "Thu, 01 Jan 1970 00:00:00 GMT"] }
    #expect(old.got.status == 200)
    let absurd = try await Self.answer { _ in
      [.ifModifiedSince: "Sun, 22 Nov 2026 9223372036854775807:0:0 GMT"]
    }
    #expect(absurd.got.status == 200)
  }

  @Test func keepsTheConnectionInStepAfter304() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let head = "GET \(Self.path) HTTP/1.1\r\nHost: x\r\n"
      let bytes = try await RawConnection.exchange(
        app.baseURL, sending: head + "If-None-Match: *\r\n\r\n" + head + "Connection: close\r\n\r\n")
      let answers = try RawConnection.answers(in: bytes) { $0 == 1 }
      #expect(answers.map(\.status) == [304, 200])
      #expect(answers.last?.body.isEmpty == false)
    }
  }

  @Test func refusesOtherPreconditions() async throws {
    #expect(try await Self.answer { _ in [.ifMatch: "\"other\""] }.got.status == 412)
    #expect(
      try await Self.answer { _ in [.ifUnmodifiedSince: "Thu, 01 Jan 1970 00:00:00 GMT"] }.got.status == 412)
    #expect(try await Self.answer { [.ifMatch: $0.headers[.eTag] ?? ""] }.got.status == 200)
  }

  @Test(arguments: [
    ("bytes=0-9", 0, 10), ("bytes=10-", 10, .max), ("bytes=-7", -7, .max), ("bytes=-99999999", 0, .max),
    ("bytes=5-99999999", 5, .max), ("bytes=0-0", 0, 1),
  ])
  func sendsOneRange(range: String, first: Int, end: Int) async throws {
    let (full, got) = try await Self.answer { _ in [.range: range] }
    let start = first < 0 ? full.body.count + first : first
    let stop = min(end, full.body.count)
    #expect(got.status == 206)
    #expect(got.body == Array(full.body[start..<stop]))
    #expect(got.headers[.contentRange] == "bytes \(start)-\(stop - 1)/\(full.body.count)")
    #expect(got.headers[.contentLength] == String(stop - start))
    #expect(got.headers[.eTag] == full.headers[.eTag])
    #expect(got.headers[.contentType] == full.headers[.contentType])
  }

  @Test(arguments: ["bytes=999999-", "bytes=999999-9999999", "bytes=-0", "bytes=9223372036854775807-"])
  func refusesARangeBehindTheEnd(range: String) async throws {
    let (full, got) = try await Self.answer { _ in [.range: range] }
    #expect(got.status == 416)
    #expect(got.headers[.contentRange] == "bytes */\(full.body.count)")
  }

  @Test(arguments: ["bytes=0-1,5-6", "bytes=0-0, -1", "bytes=9-1", "lines=0-1", "bytes=x"])
  func sendsEverythingForSeveralRangesAndForRubbish(range: String) async throws {
    let (full, got) = try await Self.answer { _ in [.range: range] }
    #expect(got.status == 200)
    #expect(got.body == full.body)
    #expect(got.headers[.contentRange] == nil)
  }

  @Test func continuesOnlyTheSameRepresentation() async throws {
    let same = try await Self.answer { [.range: "bytes=10-", .ifRange: $0.headers[.eTag] ?? ""] }
    #expect(same.got.status == 206)
    let date = try await Self.answer { [.range: "bytes=10-", .ifRange: $0.headers[.lastModified] ?? ""] }
    #expect(date.got.status == 206)
    for other in ["\"other\"", "Thu, 01 Jan 1970 00:00:00 GMT"] {
      let changed = try await Self.answer { _ in [.range: "bytes=10-", .ifRange: other] }
      #expect(changed.got.status == 200)
      #expect(changed.got.body == changed.full.body)
    }
  }

  @Test func seesAnUploadAtOnceAfterA304() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let shards = "/get/lab/noarch/repodata_shards.msgpack.zst"
      let tags = try await (
        app.send(.get, Self.path).headers[.eTag] ?? "", app.send(.get, shards).headers[.eTag] ?? ""
      )
      #expect(try await app.send(.get, shards, headers: [.ifNoneMatch: tags.1]).status == 304)
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      // Shards at once, the whole-subdir document once its debounce is over.
      #expect(try await app.send(.get, shards, headers: [.ifNoneMatch: tags.1]).status == 200)
      try await app.settle("lab")
      #expect(try await app.send(.get, Self.path, headers: [.ifNoneMatch: tags.0]).status == 200)
    }
  }
}
