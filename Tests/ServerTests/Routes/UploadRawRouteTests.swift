import CondaTypes
import CurlHTTP
import HTTPTypes
import Metadata
import NIOCore
import TestSupport
import Testing

/// `POST /api/channels/{c}/upload/{filename}`: what it takes, and its query.
@Suite struct UploadRawRouteTests {
  @Test(arguments: ArtifactFormat.allCases)
  func publishesAPackageThatClientsCanInstallAtOnce(format: ArtifactFormat) async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let package = PackageBuilder(name: "demo", format: format)
      let bytes = try package.bytes()
      let before = try await app.evidence("lab")
      let answer = try await app.upload(package, to: "lab")
      #expect(answer.status == 201)
      #expect(answer.text == "null")
      #expect(answer.headers[.contentType] == "application/json")
      #expect(
        try await app.metadata.markedShards(limit: nil).isEmpty, "the shards are level with the rows at 201")

      let after = try await app.evidence("lab")
      #expect(after.footprint.artifactRows == before.footprint.artifactRows + 1)
      #expect(after.footprint.blobs.count == before.footprint.blobs.count + 1)
      #expect(
        after.files["noarch/repodata_shards.msgpack.zst"]
          != before.files["noarch/repodata_shards.msgpack.zst"])
      let record = try #require(try await app.record(of: package.fileName, in: "lab"))
      #expect(record["sha256"]?.asString == (try ArchiveWriting.sha256(bytes)))
      #expect(record["size"]?.asInteger == Int64(bytes.count))
      #expect(try await app.send(.get, "/get/lab/noarch/\(package.fileName)").body == bytes)
    }
  }

  @Test func takesAChunkedBodyWithoutLengthAndType() async throws {
    try await TestApp.with { app in
      #expect(try await app.createChannel("lab").status == 201)
      var package = PackageBuilder()
      package.randomPayloadSize = 700_000
      let bytes = try package.bytes()
      let answer = try await app.send(
        .post,
        "/api/channels/lab/upload/\(package.fileName)?sha256=\(ArchiveWriting.sha256(bytes))&force=False",
        as: "owner", body: .stream(size: nil, Self.chunks(of: bytes, size: 9973)))
      #expect(answer.status == 201, "\(answer.text)")
      #expect(try await app.send(.get, "/get/lab/noarch/\(package.fileName)").body == bytes)
    }
  }

  /// `force` as Python's clients spell it, and as everybody else does.
  @Test(arguments: ["False", "false", "0", "off", "no", "FALSE", "f", "n"])
  func withoutForceAnExistingArtifactStays(force: String) async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      var package = PackageBuilder(name: "first")
      package.randomPayloadSize = 10
      let bytes = try package.bytes()
      let answer = try await app.expectRefusal(in: "lab", 409, code: "artifact_exists") {
        try await Self.post(bytes, package.fileName, query: "force=\(force)&sha256=", app)
      }
      #expect(answer.text == #"{"detail":"Duplicate"}"#)
      let same = try PackageBuilder(name: "first").bytes()
      try await app.expectRefusal(in: "lab", 409, code: "artifact_exists", "the same bytes") {
        try await Self.post(same, package.fileName, query: "sha256=", app)
      }
    }
  }

  @Test(arguments: ["True", "true", "1", "on", "yes", "TRUE", "t", "y"])
  func withForceBytesAndRecordAreReplaced(force: String) async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      var package = PackageBuilder(name: "first")
      package.randomPayloadSize = 10
      package.depends = ["python >=3.12"]
      let bytes = try package.bytes()
      let before = try await app.evidence("lab")
      #expect(
        try await Self.post(bytes, package.fileName, query: "force=\(force)&sha256=", app).status == 201)

      let record = try #require(try await app.record(of: package.fileName, in: "lab"))
      #expect(record["sha256"]?.asString == (try ArchiveWriting.sha256(bytes)))
      #expect(record["size"]?.asInteger == Int64(bytes.count))
      #expect(record["depends"] == .array([.string("python >=3.12")]))
      #expect(try await app.send(.get, "/get/lab/noarch/\(package.fileName)").body == bytes)
      let after = try await app.evidence("lab")
      #expect(after.footprint.artifactRows == before.footprint.artifactRows)
      #expect(after.channelSize == Int64(bytes.count))
      #expect(
        after.files["noarch/repodata_shards.msgpack.zst"]
          != before.files["noarch/repodata_shards.msgpack.zst"])
    }
  }

  @Test func forceWithTheSameBytesChangesNoBlob() async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let before = try await app.evidence("lab")
      #expect(try await app.upload(PackageBuilder(name: "first"), to: "lab", force: true).status == 201)
      let after = try await app.evidence("lab")
      #expect(after.footprint == before.footprint)
      #expect(after.channelSize == before.channelSize)
    }
  }

  @Test func aWrongChecksumIsRefused() async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let package = PackageBuilder()
      let bytes = try package.bytes()
      let right = try ArchiveWriting.sha256(bytes)
      // Compared as it is given, as upstream does: upper case is another text.
      for wrong in [
        String(repeating: "0", count: 64), right.uppercased(), String(right.dropLast()), right + "0", "x",
      ] {
        let answer = try await app.expectRefusal(in: "lab", 406, code: "wrong_checksum", "\(wrong)") {
          try await app.upload(bytes, named: package.fileName, to: "lab", sha256: wrong)
        }
        #expect(answer.text == #"{"detail":"Wrong SHA256 checksum"}"#)
      }
      #expect(try await app.upload(bytes, named: package.fileName, to: "lab", sha256: "").status == 201)
    }
  }

  @Test func aMissingChecksumIsAValidationErrorInUpstreamsForm() async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let package = PackageBuilder()
      let bytes = try package.bytes()
      let answer = try await app.expectRefusal(in: "lab", 422, code: "validation_failed") {
        try await Self.post(bytes, package.fileName, query: "force=true", app)
      }
      #expect(
        answer.text
          == #"{"detail":[{"input":null,"loc":["query","sha256"],"msg":"Field required","type":"missing"}]}"#)
    }
  }

  @Test(arguments: ["maybe", "2", "", "truee", "%00"])
  func aForceThatIsNoBooleanIsAValidationError(force: String) async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let package = PackageBuilder()
      let bytes = try package.bytes()
      let answer = try await app.expectRefusal(in: "lab", 422, code: "validation_failed") {
        try await Self.post(bytes, package.fileName, query: "force=\(force)", app)
      }
      #expect(answer.messages.contains("Input should be a valid boolean, unable to interpret input"))
      #expect(answer.messages.contains("Field required"), "both problems at once")
      let locations = (answer.detail?.asArray ?? []).map { $0["loc"] }
      #expect(locations.contains(.array([.string("query"), .string("force")])))
    }
  }

  @Test func theSameArtifactMayBeInSeveralChannels() async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel("lab")
      try await app.createBusyChannel("other")
      let footprint = try await app.footprint()
      #expect(footprint.blobs.count == 1, "equal bytes are kept once")
      #expect(footprint.artifactRows == 2)
    }
  }

  private static func post(
    _ bytes: [UInt8], _ fileName: String, query: String, _ app: TestApp
  ) async throws -> Answer {
    try await app.send(
      .post, "/api/channels/lab/upload/\(fileName)?\(query)", as: "owner",
      body: .bytes(ByteBuffer(bytes: bytes)))
  }

  /// A body that arrives in pieces.
  static func chunks(of bytes: [UInt8], size: Int) -> AsyncThrowingStream<ByteBuffer, any Error> {
    AsyncThrowingStream { continuation in
      for start in stride(from: 0, to: bytes.count, by: size) {
        continuation.yield(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]))
      }
      continuation.finish()
    }
  }
}
