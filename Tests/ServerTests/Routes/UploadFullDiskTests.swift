import Backends
import CondaTypes
import Foundation
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

/// Uploads to a deployment on a small file system of its own.
@Suite struct UploadFullDiskTests {
  @Test func aPackageLargerThanTheDiskIsRefused() async throws {
    var large = PackageBuilder(name: "large")
    large.randomPayloadSize = 30_000_000
    let (bytes, fileName) = try (large.bytes(), large.fileName)
    try await Self.withSmallDisk { app, _ in
      try await app.createBusyChannel()
      let raw = try await app.expectRefusal(in: "lab", 507, code: "storage_full") {
        try await app.upload(bytes, named: fileName, to: "lab")
      }
      #expect(raw.text == #"{"detail":"the server's disk is full; nothing was stored"}"#)
      try await app.expectRefusal(in: "lab", 507, code: "storage_full") {
        try await app.uploadForm(UploadFormBody().file(fileName, bytes), to: "lab")
      }
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
    }
  }

  /// With every amount of room left an upload is refused as a whole or accepted as a whole, wherever the disk gets full:
  /// spool, blob, row or shard.
  @Test func atWhateverPointTheDiskGetsFullAnUploadIsAllOrNothing() async throws {
    try await Self.withSmallDisk { app, root in
      try await app.createBusyChannel()
      var accepted: Set<String> = ["first-1.0-0.conda"]
      var refused: [PackageBuilder] = []
      for (number, room) in [0, 16, 64, 128, 512, 2048, 3072, 4096, 4160, 4224, 4608, 5120].enumerated() {
        for isForm in [true, false] {
          var package = PackageBuilder(name: "p\(number)\(isForm ? "form" : "raw")")
          package.randomPayloadSize = 20_000
          // Quiet first: the documents of the upload before need room as well.
          try await app.settle("lab")
          let before = try await app.evidence("lab").footprint
          let filler = try Self.fill(root, leaving: room << 10)
          let answer =
            isForm
            ? try await app.uploadForm(UploadFormBody().file(package), to: "lab")
            : try await app.upload(package, to: "lab")
          try await UploadPolling.until { try await app.footprint().spoolFiles.isEmpty }
          let after = try await app.footprint()
          try FileManager.default.removeItem(atPath: filler)
          if answer.status == 201 {
            accepted.insert(package.fileName)
            #expect(after.artifactRows == before.artifactRows + 1, "\(room) KiB left")
          } else {
            #expect(answer.status == 507, "\(room) KiB left: \(answer.text)")
            #expect(answer.headers[.errorCode] == "storage_full")
            #expect(after == before, "\(room) KiB left")
            refused.append(package)
          }
        }
      }
      #expect(!refused.isEmpty)
      #expect(try await app.repodataFileNames("lab", "noarch") == accepted)
      for package in refused { #expect(try await app.upload(package, to: "lab").status == 201) }
      #expect(try await app.repodataFileNames("lab", "noarch") == accepted.union(refused.map(\.fileName)))
    }
  }

  /// An index whose file finds no room is served from memory, and written once there is room.
  @Test func anIndexWaitsInMemoryForRoom() async throws {
    try await Self.withSmallDisk(documentDelay: 3_600_000) { app, root in
      try await app.createBusyChannel()
      let digest = try await app.shardIndex().sha256
      let filler = try Self.fill(root, leaving: 0)
      await #expect { try await app.settle("lab") } throws: {
        ($0 as? BlobStoreError)?.kind == .outOfSpace
      }
      #expect(try await !app.hasFile(digest))
      let answer = try await app.send(.get, DownloadFreshIndexTests.url)
      #expect(answer.status == 200)
      #expect(try ArchiveWriting.sha256(answer.body) == digest.hex)
      try FileManager.default.removeItem(atPath: filler)
      try await app.settle("lab")
      #expect(try await app.hasFile(digest))
    }
  }

  /// Uses up the disk.
  private static func fill(_ root: String, leaving room: Int) throws -> String {
    let attributes = try FileManager.default.attributesOfFileSystem(forPath: root)
    let free = try #require(attributes[.systemFreeSize] as? NSNumber).intValue
    let path = root + "/filler-" + UUID().uuidString
    try Data(count: max(0, free - room)).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// Runs `body` with a server on a tmpfs of 24 MB; where mounting is not allowed, says so and does not run it.
  private static func withSmallDisk(
    documentDelay: Int = 10, _ body: @Sendable (TestApp, String) async throws -> Void
  ) async throws {
    let folder = NSTemporaryDirectory() + "quetz-full-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    guard run("mount", "-t", "tmpfs", "-o", "size=24m", "quetz-test", folder) else {
      FileHandle.standardError.write(Data("skipped: this machine lets us mount no tmpfs\n".utf8))
      return
    }
    defer { _ = run("umount", "-l", folder) }
    try await TestApp.with(documentDelay: documentDelay, root: folder) { try await body($0, folder) }
  }

  private static func run(_ command: String...) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
