import Backends
import CondaTypes
import Foundation
import Metadata
import Testing

@testable import Server

/// Indexes of subdirs without packages: made without marks, and kept in memory as all are.
@Suite struct ShardIndexerTests {
  private struct Setting {
    let metadata: MetadataStore
    let documents: FileSystemStore
    let fresh: FreshIndexes
    let indexer: ShardIndexer
    let channelID: Int64

    /// Makes the first index of a subdir; gives its row.
    func publish(_ subdir: String) async throws -> DocumentRow {
      try await metadata.ensureSubdir(channelID: channelID, subdir: subdir)
      try await indexer.publish(channelID: channelID, subdir: subdir)
      let path = SubdirKey(channelID: channelID, subdir: subdir).shardIndexPath
      return try #require(try await metadata.document(channelID: channelID, path: path))
    }

    func file(of document: DocumentRow) throws -> String {
      documents.localPath(of: try BlobLayout.key(for: document.sha256))
    }
  }

  private static func with(capacity: Int, _ body: (Setting) async throws -> Void) async throws {
    let folder = NSTemporaryDirectory() + "quetz-indexer-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let metadata = try MetadataStore.open(at: folder + "/quetz.sqlite")
    try metadata.migrate()
    let owner = try await metadata.createUser(
      username: "owner", role: .owner, name: nil, avatarURL: "", now: Date())
    let channel = try await metadata.createChannel(NewChannel(name: "lab"), owner: owner.id, now: Date())
    let documents = try FileSystemStore(root: folder + "/documents", durability: .processCrash)
    let fresh = FreshIndexes(capacity: capacity)
    let indexer = try ShardIndexer(
      metadata: metadata, documents: documents, fresh: fresh, readCache: ReadCache(), zstdLevel: 3,
      now: { Date() })
    try await body(
      Setting(
        metadata: metadata, documents: documents, fresh: fresh, indexer: indexer, channelID: channel.id))
    try metadata.close()
  }

  @Test func writesTheOldestIndexOnceThereAreTooManyBytes() async throws {
    try await Self.with(capacity: 200) { setting in
      let first = try await setting.publish("linux-64")
      #expect(setting.fresh.contains(first.sha256))
      #expect(!FileManager.default.fileExists(atPath: try setting.file(of: first)))
      let second = try await setting.publish("win-64")
      try #require(first.size + second.size > 200)
      #expect(!setting.fresh.contains(first.sha256) && setting.fresh.contains(second.sha256))
      let bytes = try Data(contentsOf: URL(fileURLWithPath: setting.file(of: first)))
      #expect(try Digest.sha256(of: [UInt8](bytes)) == first.sha256)
      #expect(!FileManager.default.fileExists(atPath: try setting.file(of: second)))
    }
  }

  @Test func losesNothingThatItCannotWrite() async throws {
    try await Self.with(capacity: 200) { setting in
      let first = try await setting.publish("linux-64")
      let obstacle = setting.documents.root + "/sha256"
      try Data().write(to: URL(fileURLWithPath: obstacle))
      await #expect(throws: MetadataError.self) { try await setting.publish("win-64") }
      #expect(setting.fresh.contains(first.sha256))
      try FileManager.default.removeItem(atPath: obstacle)
      let second = try await setting.publish("win-64")
      #expect(setting.fresh.contains(second.sha256))
      #expect(FileManager.default.fileExists(atPath: try setting.file(of: first)))
    }
  }

  @Test func restoresOnlyIndexesWhoseFileIsMissing() async throws {
    try await Self.with(capacity: 1 << 20) { setting in
      let rows = [try await setting.publish("linux-64"), try await setting.publish("win-64")]
      let written = try #require(setting.fresh.bytes(of: rows[0].sha256))
      try await setting.documents.put(.bytes(written), at: BlobLayout.key(for: rows[0].sha256))
      for subdir in setting.fresh.subdirs() { setting.fresh.forget(subdir) }
      let commits = setting.metadata.changeCount
      try await setting.indexer.restore()
      #expect(setting.metadata.changeCount == commits + 1)
      #expect(rows.map { setting.fresh.contains($0.sha256) } == [false, true])
      #expect(try await setting.metadata.shardIndexes() == rows)
    }
  }
}
