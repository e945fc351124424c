import Foundation
import Logging
import Metadata
import TestSupport
import Testing

@testable import Server

#if canImport(Glibc)
  import Glibc
#endif

/// The counter on a real database, started again on what an earlier one left.
@Suite struct DownloadCounterTests {
  /// A deployment with one artifact, and no server on it.
  private static func withDeployment(
    _ body: (Deployment, MetadataStore, _ artifact: Int64) async throws -> Void
  ) async throws {
    let folder = NSTemporaryDirectory() + "quetz-counter-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (deployment, artifact) = try await TestApp.with(root: folder) { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(PackageBuilder(name: "demo"), to: "lab").status == 201)
      let channel = try #require(try await app.metadata.channel(named: "lab"))
      let artifact = try await app.metadata.resolveArtifact(
        channelID: channel.id, subdir: "noarch", fileName: PackageBuilder(name: "demo").fileName)
      return (app.deployment, try #require(artifact).key)
    }
    let metadata = try open(deployment)
    defer { try? metadata.close() }
    try await body(deployment, metadata, artifact)
  }

  private static func open(_ deployment: Deployment) throws -> MetadataStore {
    try MetadataStore.open(at: deployment.root + "/quetz.sqlite")
  }

  private static func start(
    _ deployment: Deployment, _ metadata: MetadataStore, log: LogRecorder = LogRecorder()
  ) async throws -> DownloadCounter {
    try await DownloadCounter.start(
      deployment, metadata: metadata, metrics: PackageMetrics(), now: { Date() },
      logger: log.logger(level: .warning))
  }

  private static func counted(_ metadata: MetadataStore) async throws -> Int64? {
    let channel = try #require(try await metadata.channel(named: "lab"))
    return try await metadata.artifact(
      channelID: channel.id, subdir: "noarch", fileName: PackageBuilder(name: "demo").fileName)?.downloadCount
  }

  @Test func aLaterStartFindsWhatAnEarlierOneCouldNotWrite() async throws {
    try await Self.withDeployment { deployment, metadata, artifact in
      let log = LogRecorder()
      let first = try await Self.start(deployment, metadata, log: log)
      for _ in 0..<3 { first.count(artifact: artifact) }
      await first.flush()
      for _ in 0..<4 { first.count(artifact: artifact) }
      try metadata.close()
      for _ in 0..<2 { await first.flush() }
      #expect(
        log.lines.map(\.message)
          == Array(repeating: "download counts were not written; they are kept for the next time", count: 2))
      let again = try Self.open(deployment)
      #expect(try await Self.counted(again) == 3)
      for _ in 0..<2 {
        let later = try await Self.start(deployment, again)
        #expect(try await Self.counted(again) == 7)
        await later.flush()
      }
      #expect(try await Self.counted(again) == 7)
      try again.close()
    }
  }

  @Test func downloadsOfADeletedArtifactAreLeftOut() async throws {
    try await Self.withDeployment { deployment, metadata, artifact in
      let counter = try await Self.start(deployment, metadata)
      counter.count(artifact: artifact)
      counter.count(artifact: artifact + 1)
      await counter.flush()
      #expect(try await Self.counted(metadata) == 1)
      counter.count(artifact: artifact + 1)
      let next = try await Self.start(deployment, metadata)
      await next.flush()
      #expect(try await Self.counted(metadata) == 1)
    }
  }

  /// A counter on a journal without a file, and the journal's name.
  private static func counter(
    _ metadata: MetadataStore, capacity: Int
  ) async throws -> (counter: DownloadCounter, journal: UUID) {
    let journal = try #require(DownloadJournal(capacity: capacity))
    let step = DownloadMark.Step(
      from: try await metadata.downloadMark(), to: DownloadMark(journal: journal.name, generation: 0))
    try await metadata.addDownloads([:], step: step, now: Date())
    let counter = DownloadCounter(
      journal: journal, metadata: metadata, metrics: PackageMetrics(), now: { Date() },
      logger: LogRecorder().logger())
    return (counter, journal.name)
  }

  /// The server hears of an error, and the commit was made all the same, or was not.
  @Test(arguments: [true, false]) func aWriteInDoubtCountsOnce(cameThrough: Bool) async throws {
    try await Self.withDeployment { deployment, metadata, artifact in
      let (counter, journal) = try await Self.counter(metadata, capacity: 10)
      let (before, after) = (
        DownloadMark(journal: journal, generation: 0), DownloadMark(journal: journal, generation: 1)
      )
      let astray = DownloadMark(journal: UUID(), generation: 0)
      try await metadata.addDownloads([:], step: .init(from: before, to: astray), now: Date())
      for _ in 0..<3 { counter.count(artifact: artifact) }
      await counter.flush()
      #expect(try await Self.counted(metadata) == 0)
      try await metadata.addDownloads(
        cameThrough ? [artifact: 3] : [:], step: .init(from: astray, to: cameThrough ? after : before),
        now: Date())
      for _ in 0..<2 { counter.count(artifact: artifact) }
      await counter.flush()
      #expect(try await Self.counted(metadata) == 5)
    }
  }

  @Test func aFullJournalIsWrittenAtOnceAndCountsOn() async throws {
    try await Self.withDeployment { deployment, metadata, artifact in
      let (counter, _) = try await Self.counter(metadata, capacity: 1)
      let held = counter.tally(of: artifact + 1)
      for _ in 0..<5 { counter.count(artifact: artifact) }
      await counter.flush()
      #expect(try await Self.counted(metadata) == 5)
      withExtendedLifetime(held) {}
    }
  }

  /// What lies in the journal's place, or in that of the new one.
  enum Obstacle: CaseIterable {
    case text, pipe, link, folder, folderOfNew

    func put(at path: String) throws {
      unlink(path)
      switch self {
      case .text: try Data("no journal".utf8).write(to: URL(fileURLWithPath: path))
      case .pipe: #expect(mkfifo(path, 0o600) == 0)
      case .link: #expect(symlink("/etc/passwd", path) == 0)
      case .folder: #expect(mkdir(path, 0o700) == 0)
      case .folderOfNew: #expect(mkdir(path + ".new", 0o700) == 0)
      }
    }

    var cause: String {
      switch self {
      case .text: "it is not a download journal"
      case .pipe, .link, .folder: "it is not a file"
      case .folderOfNew: "open: File exists"
      }
    }
  }

  @Test(arguments: Obstacle.allCases) func nothingInItsPlaceStopsTheStart(obstacle: Obstacle) async throws {
    try await Self.withDeployment { deployment, metadata, artifact in
      try obstacle.put(at: deployment.downloadJournalFile)
      let log = LogRecorder()
      let counter = try await Self.start(deployment, metadata, log: log)
      #expect(log.lines.first?.metadata["error.cause"] == obstacle.cause)
      #expect(log.lines.first?.metadata["file.path"]?.hasPrefix(deployment.downloadJournalFile) == true)
      counter.count(artifact: artifact)
      await counter.flush()
      #expect(try await Self.counted(metadata) == 1)
      #expect(try String(contentsOfFile: "/etc/passwd", encoding: .utf8).contains("root"))
    }
  }
}
