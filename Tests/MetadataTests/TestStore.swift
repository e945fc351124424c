import CondaTypes
import Foundation
import GRDB
import Testing

@testable import Metadata

/// A migrated store in a temporary folder of its own, with a user and a channel; the folder goes when it
/// does.
final class TestStore: Sendable {
  let folder: URL
  let store: MetadataStore
  let user: UserRow
  let channel: ChannelRow

  var path: String { folder.appendingPathComponent("quetz.sqlite").path }

  init() async throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("metadata-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    store = try MetadataStore.open(at: folder.appendingPathComponent("quetz.sqlite").path)
    try store.migrate()
    user = try await store.createUser(
      username: "alice", role: .owner, name: "Alice", avatarURL: "/a.jpg", identity: nil, now: Times.start)
    channel = try await store.createChannel(
      NewChannel(name: "Main", isPrivate: false), owner: user.id, now: Times.start)
  }

  deinit {
    try? store.close()
    try? FileManager.default.removeItem(at: folder)
  }

  /// Publishes an artifact described by a few words; everything else is derived from them.
  @discardableResult
  func publish(
    _ fileName: String, in subdir: String = "linux-64", bytes: String? = nil, buildNumber: Int64 = 0,
    size: Int64 = 100, replacing: Bool = false, at now: Date = Times.start, sizeLimit: Int64? = nil,
    home: String? = nil, runExports: String? = nil, owner: Bool = false, channelID: Int64? = nil
  ) async throws -> Publication {
    var new = try NewArtifact.sample(
      fileName, subdir: subdir, bytes: bytes ?? fileName, channelID: channelID ?? channel.id,
      uploaderID: user.id, now: now, home: home)
    new.buildNumber = buildNumber
    new.size = size
    new.sizeLimit = sizeLimit
    new.runExports = runExports
    new.createPackageOwner = owner
    let published = try await store.publishArtifact(new, replacing: replacing, render: render(fileName))
    let found = try await store.artifact(channelID: new.channelID, subdir: subdir, fileName: fileName)
    let artifact = try #require(found)
    #expect(artifact.id == published.id)
    return Publication(
      artifact: artifact, replacedSHA256: published.replacedSHA256, createdPackage: published.createdPackage)
  }

  /// What publishing did, and the artifact as it is read then.
  struct Publication {
    let artifact: ArtifactRow
    let replacedSHA256: Digest?
    let createdPackage: Bool
  }

  func package(_ name: String) async throws -> PackageRow? {
    try await store.package(channelID: channel.id, named: name)
  }

  /// Under what the downloads of a file are counted.
  func downloadKey(_ fileName: String) async throws -> Int64 {
    try #require(
      await store.resolveArtifact(channelID: channel.id, subdir: "linux-64", fileName: fileName)
    ).key
  }

  /// What a query answers, as text, for what no public method shows.
  func text(_ sql: String, _ arguments: StatementArguments = []) async throws -> [String] {
    try await store.read { db in
      try Row.fetchAll(db, sql: sql, arguments: arguments).map { row in
        row.databaseValues.map { $0.isNull ? "NULL" : "\($0)" }.joined(separator: " ")
      }
    }
  }
}

/// Fixed points in time, to the millisecond.
enum Times {
  static let start = Date(timeIntervalSince1970: 1_700_000_000.123)
  static let later = start.addingTimeInterval(60)
  static let muchLater = start.addingTimeInterval(3600)
}

func render(_ fileName: String) -> @Sendable (RecordTimes) -> RenderedRecord {
  { times in
    RenderedRecord(
      json: #"{"file":"\#(fileName)","indexed_timestamp":\#(times.indexedTimestamp)}"#,
      messagePack: Array(fileName.utf8))
  }
}

extension Digest {
  /// A digest that depends on a text; not a real hash.
  static func fake(_ text: String, _ algorithm: Digest.Algorithm = .sha256) throws -> Digest {
    var bytes = [UInt8](repeating: 0, count: algorithm == .sha256 ? 32 : 16)
    for (index, byte) in text.utf8.enumerated() {
      bytes[index % bytes.count] = bytes[index % bytes.count] &* 31 &+ byte
    }
    return try Digest(algorithm: algorithm, bytes: bytes)
  }
}

extension NewArtifact {
  static func sample(
    _ fileName: String, subdir: String, bytes: String, channelID: Int64, uploaderID: UUID, now: Date,
    home: String? = nil
  ) throws -> NewArtifact {
    let name = try ArtifactName(parsing: fileName)
    let entry = try ChannelDataEntry(
      json: .object([
        "version": .string(name.version), "subdirs": .array([.string(subdir)]),
        "home": home.map(JSONValue.string) ?? .null,
      ]))
    return NewArtifact(
      channelID: channelID, packageName: name.name.value, subdir: subdir, fileName: fileName,
      format: name.format.rawValue, version: name.version, build: name.build.value, buildNumber: 0, size: 100,
      sha256: try .fake(bytes), md5: try .fake(bytes, .md5), info: #"{"name":"\#(name.name.value)"}"#,
      runExports: nil, channelData: entry, summary: "About \(name.name.value)", description: nil,
      uploaderID: uploaderID, createPackageOwner: false, now: now, sizeLimit: nil)
  }
}

/// The kind of error that a body throws; nil if it succeeds.
func errorKind<Value>(_ body: () async throws(MetadataError) -> Value) async -> MetadataError.Kind? {
  do {
    _ = try await body()
    return nil
  } catch {
    return error.kind
  }
}

/// Likewise, for bodies that throw anything.
func kind(of body: () async throws -> Void) async -> MetadataError.Kind? {
  do {
    try await body()
    return nil
  } catch {
    return (error as? MetadataError)?.kind ?? .unexpected
  }
}
