import CondaTypes
import HTTPTypes
import TestSupport
import Testing

/// Sixteen clients at once.
@Suite struct UploadConcurrencyTests {
  @Test(arguments: [true, false])
  func theSameFileFromAllIsPublishedOnce(isForm: Bool) async throws {
    var package = PackageBuilder(name: "race")
    package.randomPayloadSize = 300_000
    let (bytes, fileName) = try (package.bytes(), package.fileName)
    try await TestApp.with { app in
      #expect(try await app.createChannel("lab").status == 201)
      let answers = try await Self.sixteen { _ in
        isForm
          ? try await app.uploadForm(UploadFormBody().file(fileName, bytes), to: "lab")
          : try await app.upload(bytes, named: fileName, to: "lab")
      }
      Self.expectOneWinner(answers)
      let evidence = try await app.evidence("lab")
      #expect(evidence.footprint.blobs.count == 1)
      #expect(evidence.footprint.artifactRows == 1)
      #expect(evidence.footprint.marks == 0)
      #expect(evidence.channelSize == Int64(bytes.count))
      #expect(try await app.send(.get, "/get/lab/noarch/\(fileName)").body == bytes)
    }
  }

  @Test(arguments: [true, false])
  func ofDifferentBytesUnderOneNameOneIsPublishedAndOneBlobIsLeft(isForm: Bool) async throws {
    let fileName = PackageBuilder(name: "race").fileName
    let variants = try (0..<16).map { try Self.variant($0) }
    try await TestApp.with { app in
      #expect(try await app.createChannel("lab").status == 201)
      let answers = try await Self.sixteen { number in
        isForm
          ? try await app.uploadForm(UploadFormBody().file(fileName, variants[number]), to: "lab")
          : try await app.upload(variants[number], named: fileName, to: "lab")
      }
      Self.expectOneWinner(answers)
      let winner = try #require(answers.firstIndex { $0.status == 201 })
      let digest = try ArchiveWriting.sha256(variants[winner])
      let evidence = try await app.evidence("lab")
      #expect(evidence.footprint.blobs == ["sha256/\(digest.prefix(2))/\(digest)"])
      #expect(evidence.footprint.artifactRows == 1)
      #expect(try await app.send(.get, "/get/lab/noarch/\(fileName)").body == variants[winner])
      #expect(try await app.record(of: fileName, in: "lab")?["sha256"]?.asString == digest)
    }
  }

  @Test func withForceAllArePublishedAndRecordAndBytesAgree() async throws {
    let fileName = PackageBuilder(name: "race").fileName
    let variants = try (0..<16).map { try Self.variant($0) }
    try await TestApp.with { app in
      #expect(try await app.createChannel("lab").status == 201)
      let answers = try await Self.sixteen { number in
        try await app.upload(variants[number], named: fileName, to: "lab", force: true)
      }
      #expect(answers.map(\.status) == [Int](repeating: 201, count: 16))
      let bytes = try await app.send(.get, "/get/lab/noarch/\(fileName)").body
      #expect(variants.contains(bytes))
      #expect(
        try await app.record(of: fileName, in: "lab")?["sha256"]?.asString == ArchiveWriting.sha256(bytes))
      let evidence = try await app.evidence("lab")
      #expect(evidence.footprint.artifactRows == 1)
      #expect(evidence.footprint.marks == 0)
      #expect(evidence.channelSize == Int64(bytes.count))
    }
  }

  @Test func differentPackagesAreAllPublished() async throws {
    try await TestApp.with { app in
      #expect(try await app.createChannel("lab").status == 201)
      let answers = try await Self.sixteen { number in
        try await app.upload(PackageBuilder(name: "race\(number)"), to: "lab")
      }
      #expect(answers.map(\.status) == [Int](repeating: 201, count: 16))
      let evidence = try await app.evidence("lab")
      #expect(evidence.footprint.blobs.count == 16)
      #expect(evidence.footprint.artifactRows == 16)
      #expect(try await app.repodataFileNames("lab", "noarch").count == 16)
    }
  }

  private static func expectOneWinner(_ answers: [Answer]) {
    #expect(answers.filter { $0.status == 201 }.count == 1, "\(answers.map(\.status))")
    #expect(answers.filter { $0.status == 409 }.count == 15, "\(answers.map(\.status))")
    for answer in answers where answer.status == 409 {
      #expect(answer.detail?.asString?.hasPrefix("Duplicate") == true)
    }
  }

  private static func variant(_ number: Int) throws -> [UInt8] {
    var package = PackageBuilder(name: "race")
    package.randomPayloadSize = 10_000 + number
    package.randomSeed = UInt64(number)
    return try package.bytes()
  }

  private static func sixteen(
    _ request: @escaping @Sendable (Int) async throws -> Answer
  ) async throws -> [Answer] {
    try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
      for number in 0..<16 { group.addTask { (number, try await request(number)) } }
      var answers: [Int: Answer] = [:]
      for try await (number, answer) in group { answers[number] = answer }
      return (0..<16).compactMap { answers[$0] }
    }
  }
}
