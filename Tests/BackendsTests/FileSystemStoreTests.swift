import BackendConformance
import Foundation
import NIOCore
import Testing

@testable import Backends

@Suite struct FileSystemStoreTests {
  @Test func ordinaryKeysLieAtExactlyTheirPath() async throws {
    try await withTemporaryFolder { folder in
      let store = try FileSystemStore(root: folder + "/new/store")
      let key = try BlobKey("sha256/9f/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
      try await store.put(.bytes(ByteBuffer(string: "test")), at: key)
      #expect(store.localPath(of: key) == folder + "/new/store/" + key.value)
      #expect(try String(contentsOfFile: store.localPath(of: key), encoding: .utf8) == "test")
    }
  }

  @Test(arguments: [FileSystemStore.Durability.powerLoss, .processCrash])
  func bytesStoredAtOnceReplaceWhateverIsThere(_ durability: FileSystemStore.Durability) async throws {
    try await withTemporaryFolder { folder in
      let store = try FileSystemStore(root: folder, durability: durability)
      let (new, torn) = (try BlobKey("a/b/new"), try BlobKey("a/b/torn"))
      let bytes = ByteBuffer(repeating: 7, count: 300_000)
      // The folder is missing; it is there; a crash has left a part of the file.
      try store.putNow(ByteBuffer(string: "first"), at: new)
      try Data("part".utf8).write(to: URL(fileURLWithPath: store.localPath(of: torn)))
      for key in [torn, try BlobKey("a/b/other"), new] {
        try store.putNow(bytes, at: key)
        #expect(try await store.get(key).collect(upTo: .max) == bytes)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/.tmp").isEmpty)
    }
  }

  #if os(Linux)
    @Test func aFileWithoutANameGetsOneThatIsFree() async throws {
      try await withTemporaryFolder { folder in
        let store = try FileSystemStore(root: folder)
        guard Self.hasNamelessFiles(in: folder + "/.tmp") else { return }
        let (key, neighbour) = (try BlobKey("a/b/one"), try BlobKey("a/b/two"))
        for key in [key, neighbour] {
          #expect(try NamelessFile.put(ByteBuffer(string: "first"), at: key, in: store.folders))
        }
        #expect(try !NamelessFile.put(ByteBuffer(string: "second"), at: key, in: store.folders))
        #expect(try String(contentsOfFile: store.localPath(of: key), encoding: .utf8) == "first")
      }
    }

    private static func hasNamelessFiles(in folder: String) -> Bool {
      let descriptor = open(folder, O_WRONLY | NamelessFile.temporaryFileFlag, 0o600)
      if descriptor < 0 {
        FileHandle.standardError.write(Data("skipped: no O_TMPFILE in \(folder)\n".utf8))
        return false
      }
      close(descriptor)
      return true
    }
  #endif

  @Test func manyAtATimeMayStoreTheSameBytes() async throws {
    try await withTemporaryFolder { folder in
      let store = try FileSystemStore(root: folder)
      let (key, bytes) = (try BlobKey("a/b/c.conda"), ByteBuffer(repeating: 7, count: 100_000))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<16 {
          group.addTask {
            try await store.pool.run { () throws(BlobStoreError) in try store.putNow(bytes, at: key) }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await store.get(key).collect(upTo: .max) == bytes)
      let found = try FileManager.default.subpathsOfDirectory(atPath: folder)
      #expect(Set(found) == [".tmp", "a", "a/b", "a/b/c.conda"])
    }
  }

  @Test func aReopenedStoreHasWhatWasPut() async throws {
    try await withTemporaryFolder { folder in
      let key = try BlobKey("a")
      try await FileSystemStore(root: folder).put(.bytes(ByteBuffer(string: "test")), at: key)
      let found = try await FileSystemStore(root: folder + "/.").get(key).collect(upTo: 10)
      #expect(String(buffer: found) == "test")
    }
  }

  @Test func movingRenamesTheFileItself() async throws {
    try await withTemporaryFolder { folder in
      let store = try FileSystemStore(root: folder + "/store")
      let (spool, key) = (folder + "/spool", try BlobKey("a/b/c.conda"))
      try Data("test".utf8).write(to: URL(fileURLWithPath: spool))
      let inode = try number(ofFileAt: spool)
      try await store.put(.file(path: spool, move: true, size: 4), at: key)
      #expect(try number(ofFileAt: store.localPath(of: key)) == inode)
      #expect(!FileManager.default.fileExists(atPath: spool))
    }
  }

  @Test func movingAFileOfAnotherSizeIsRefusedAndLeavesIt() async throws {
    try await withTemporaryFolder { folder in
      let store = try FileSystemStore(root: folder + "/store")
      let spool = folder + "/spool"
      try Data("test".utf8).write(to: URL(fileURLWithPath: spool))
      await #expect {
        try await store.put(.file(path: spool, move: true, size: 5), at: BlobKey("a"))
      } throws: {
        ($0 as? BlobStoreError)?.kind == .digestMismatch
      }
      #expect(FileManager.default.fileExists(atPath: spool))
      #expect(try await store.list(prefix: "").collect().isEmpty)
    }
  }

  @Test func movingFromAnotherFileSystemCopies() async throws {
    try await withTemporaryFolder { folder in
      try await withTemporaryFileSystem(in: folder, megabytes: 1) { other in
        let store = try FileSystemStore(root: folder + "/store")
        let (spool, key) = (other + "/spool", try BlobKey("a/b.conda"))
        try Data("test".utf8).write(to: URL(fileURLWithPath: spool))
        try await store.put(.file(path: spool, move: true, size: 4), at: key)
        #expect(String(buffer: try await store.get(key).collect(upTo: 10)) == "test")
        #expect(!FileManager.default.fileExists(atPath: spool))
      }
    }
  }

  @Test func openingRemovesWhatACrashLeftButNotWhatIsBeingWritten() async throws {
    try await withTemporaryFolder { folder in
      let store = try FileSystemStore(root: folder)
      let key = try BlobKey("a")
      try Data("half".utf8).write(to: URL(fileURLWithPath: folder + "/.tmp/leftover"))
      let stream = ClosureStream { index in
        if index == 1 { _ = try FileSystemStore(root: folder) }
        return index < 8 ? ByteBuffer(repeating: 1, count: 100_000) : nil
      }
      try await store.put(.stream(stream), at: key)
      #expect(try await store.info(key).size == 800_000)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/.tmp").isEmpty)
    }
  }

  @Test func aRefusedPutLeavesNoTemporaryFile() async throws {
    try await withTemporaryFolder { folder in
      let store = try FileSystemStore(root: folder)
      let bytes = ByteBuffer(repeating: 1, count: 600_000)
      let failing = ClosureStream { index in
        if index == 5 { throw CancellationError() }
        return bytes
      }
      let bodies: [BlobBody] = [
        .bytes(bytes, sha256: "00"), .stream(failing), .stream(failing, size: 1_000_000),
        BlobBody(source: .bytes(bytes), size: 1), .file(path: folder + "/missing", move: false),
      ]
      for body in bodies {
        await #expect(throws: BlobStoreError.self) { try await store.put(body, at: BlobKey("a/b")) }
      }
      #expect(try FileManager.default.subpathsOfDirectory(atPath: folder) == [".tmp"])
    }
  }

  @Test func aCancelledPutLeavesNothing() async throws {
    try await withTemporaryFolder { folder in
      let store = try FileSystemStore(root: folder)
      let endless = ClosureStream { index in
        if index == 20 { withUnsafeCurrentTask { $0?.cancel() } }
        return ByteBuffer(repeating: 1, count: 50_000)
      }
      let put = Task { try await store.put(.stream(endless), at: BlobKey("a")) }
      await #expect(throws: BlobStoreError.self) { try await put.value }
      #expect(try FileManager.default.subpathsOfDirectory(atPath: folder) == [".tmp"])
    }
  }

  @Test func deletingTheLastBlobOfAFolderRemovesIt() async throws {
    try await withTemporaryFolder { folder in
      let store = try FileSystemStore(root: folder)
      let (one, other) = (try BlobKey("a/b/one"), try BlobKey("a/other"))
      for key in [one, other] { try await store.put(.bytes(ByteBuffer()), at: key) }
      try await store.delete(one)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [".tmp", "a"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/a") == ["other%"])
      try await store.delete(other)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [".tmp"])
    }
  }

  @Test func foreignFilesAreNotListed() async throws {
    try await withTemporaryFolder { folder in
      let store = try FileSystemStore(root: folder)
      try await store.put(.bytes(ByteBuffer()), at: BlobKey("mine.conda"))
      for path in [
        "plain", ".hidden", "marked.conda%", ".tmp/x.conda", "x%zz.conda", "new\nline.conda", "x%+",
      ] {
        try Data().write(to: URL(fileURLWithPath: folder + "/" + path))
      }
      try FileManager.default.createDirectory(atPath: folder + "/x.conda", withIntermediateDirectories: true)
      try Data().write(to: URL(fileURLWithPath: folder + "/x.conda/in.conda"))
      #expect(try await store.list(prefix: "").collect().map(\.key.value) == ["mine.conda"])
    }
  }

  @Test func listingReadsPageByPage() async throws {
    try await withTemporaryFolder { folder in
      let store = try FileSystemStore(root: folder, durability: .processCrash)
      let names = (100..<107).map { "\($0).conda" }
      for name in names { try await store.put(.bytes(ByteBuffer()), at: BlobKey(name)) }
      let listing = DirectoryListing(root: folder, prefix: "1")
      #expect(try listing.nextPage(limit: 3).map(\.key.value) == Array(names[0..<3]))
      try await store.delete(BlobKey(names[4]))
      #expect(try listing.nextPage(limit: 3).map(\.key.value) == [names[3], names[5], names[6]])
      #expect(try listing.nextPage(limit: 3).isEmpty)
    }
  }

  @Test func droppedReadersCloseTheirFiles() async throws {
    try await withTemporaryFolder { folder in
      let store = try FileSystemStore(root: folder)
      let key = try BlobKey("a.conda")
      try await store.put(.bytes(ByteBuffer(repeating: 1, count: 1_000_000)), at: key)
      for _ in 1...50 {
        _ = try await store.get(key)
        for try await _ in try await store.get(key).chunks { break }
        await #expect(throws: BlobStoreError.self) { try await store.get(key, range: 2_000_000..<3_000_000) }
      }
      // The thread that read last may be about to let go of its file.
      let deadline = ContinuousClock.now + .seconds(60)
      while try !openFiles(below: folder).isEmpty, ContinuousClock.now < deadline { await Task.yield() }
      #expect(try openFiles(below: folder).isEmpty)
      let reader = try await store.get(key)
      #expect(try openFiles(below: folder).count == 1)
      _ = consume reader
    }
  }

  @Test func aFileCutShortBehindOurBackIsReportedAsDamaged() async throws {
    try await withTemporaryFolder { folder in
      let store = try FileSystemStore(root: folder)
      let key = try BlobKey("a.conda")
      try await store.put(.bytes(ByteBuffer(repeating: 1, count: 1_000_000)), at: key)
      let reader = try await store.get(key)
      truncate(store.localPath(of: key), 300_000)
      await #expect { try await reader.collect(upTo: .max) } throws: {
        ($0 as? BlobStoreError)?.kind == .damaged
      }
    }
  }

  @Test func aRootThatIsAFileIsRefused() async throws {
    try await withTemporaryFolder { folder in
      try Data().write(to: URL(fileURLWithPath: folder + "/file"))
      #expect(throws: BlobStoreError.self) { try FileSystemStore(root: folder + "/file") }
      #expect(throws: BlobStoreError.self) { try FileSystemStore(root: folder + "/file/below") }
    }
  }

  private func number(ofFileAt path: String) throws -> Int {
    try #require(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int)
  }

  /// What this process has open below a folder; other tests run at the same time and have their own.
  private func openFiles(below folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0)
    }
    .filter { $0.hasPrefix(folder) }
  }
}
