import Foundation
import NIOCore
import Testing

@testable import Backends

@Suite struct FullDiskTests {
  static let tooLarge = ByteBuffer(repeating: 1, count: 3_000_000)

  @Test(arguments: [FileSystemStore.Durability.powerLoss, .processCrash])
  func aFullDiskRefusesThePutAndKeepsNothingOfIt(_ durability: FileSystemStore.Durability) async throws {
    try await withTemporaryFolder { folder in
      let large = folder + "/large"
      try Data(Self.tooLarge.readableBytesView).write(to: URL(fileURLWithPath: large))
      try await withTemporaryFileSystem(in: folder, megabytes: 1) { root in
        let store = try FileSystemStore(root: root, durability: durability)
        let old = ByteBuffer(repeating: 2, count: 100_000)
        let (used, new) = (try BlobKey("a/used.conda"), try BlobKey("b/new.conda"))
        try await store.put(.bytes(old), at: used)
        let stream = ClosureStream { $0 < 30 ? ByteBuffer(repeating: 1, count: 100_000) : nil }
        let bodies: [BlobBody] = [
          .bytes(Self.tooLarge), .stream(stream), .file(path: large, move: false),
          .file(path: large, move: true),
        ]
        for body in bodies {
          for key in [used, new] {
            await #expect { try await store.put(body, at: key) } throws: {
              ($0 as? BlobStoreError)?.kind == .outOfSpace
            }
          }
        }
        for key in [used, new, try BlobKey("a/new.conda")] {
          #expect { try store.putNow(Self.tooLarge, at: key) } throws: {
            ($0 as? BlobStoreError)?.kind == .outOfSpace
          }
        }
        #expect(FileManager.default.fileExists(atPath: large), "a refused file stays where it was")
        #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/.tmp").isEmpty)
        #expect(try await store.list(prefix: "").collect().map(\.key) == [used])
        #expect(try await store.get(used).collect(upTo: .max) == old)
        try await store.put(.bytes(old), at: new)
        #expect(try await store.get(new).collect(upTo: .max) == old)
      }
    }
  }

  @Test func aReadOnlyDiskIsReportedAsPermissionDenied() async throws {
    try await withTemporaryFolder { folder in
      try await withTemporaryFileSystem(in: folder, megabytes: 1) { root in
        let store = try FileSystemStore(root: root)
        let key = try BlobKey("a.conda")
        try await store.put(.bytes(ByteBuffer(string: "test")), at: key)
        guard run("mount", "-o", "remount,ro", root) else { return }
        for call in ["put", "delete", "open"] {
          await #expect {
            switch call {
            case "put": try await store.put(.bytes(ByteBuffer()), at: key)
            case "delete": try await store.delete(key)
            default: _ = try FileSystemStore(root: root)
            }
          } throws: {
            ($0 as? BlobStoreError)?.kind == .permissionDenied
          }
        }
        #expect(String(buffer: try await store.get(key).collect(upTo: 10)) == "test")
      }
    }
  }
}

/// Runs `body` with a small file system of its own, which is gone afterwards. Where mounting is not allowed,
/// as outside of CI, says so and does not run it.
func withTemporaryFileSystem(
  in folder: String, megabytes: Int, _ body: (String) async throws -> Void
) async throws {
  let mountPoint = folder + "/mounted"
  try FileManager.default.createDirectory(atPath: mountPoint, withIntermediateDirectories: true)
  guard run("mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "quetz-test", mountPoint) else {
    FileHandle.standardError.write(Data("skipped: this machine lets us mount no tmpfs\n".utf8))
    return
  }
  defer { _ = run("umount", "-l", mountPoint) }
  try await body(mountPoint)
}

/// Whether a command ran and succeeded.
private func run(_ command: String...) -> Bool {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = command
  process.standardError = FileHandle.nullDevice
  do {
    try process.run()
  } catch {
    return false
  }
  process.waitUntilExit()
  return process.terminationStatus == 0
}
