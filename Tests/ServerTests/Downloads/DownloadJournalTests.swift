import Foundation
import Metadata
import Testing

@testable import Server

/// What a journal file says of counts, at whatever moment one looks at it.
@Suite struct DownloadJournalTests {
  private static let boot = UUID()

  private static func withPath<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = NSTemporaryDirectory() + "quetz-journal-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder + "/downloads.journal")
  }

  /// A journal and the database, as far as it is concerned.
  private struct Ledger {
    let path: String
    let journal: DownloadJournal
    let tallies: DownloadTallies
    var mark: DownloadMark
    var rows: [Int64: Int] = [:]
    var counted: [Int64: Int] = [:]

    init(_ path: String, capacity: Int = 100) throws {
      self.path = path
      journal = try DownloadJournal(at: path, boot: boot, capacity: capacity)
      tallies = DownloadTallies(journal: journal)
      mark = DownloadMark(journal: journal.name, generation: 0)
    }

    mutating func count(_ artifact: Int64, _ times: Int = 1) {
      tallies.tally(of: artifact).tally.add(times)
      counted[artifact, default: 0] += times
    }

    mutating func commit(_ counts: [Int64: Int]) {
      rows.merge(counts, uniquingKeysWith: +)
      mark.generation += 1
    }

    /// If the process were killed now, the next one would find just what is missing.
    func expectNothingLost(_ moment: String) throws {
      let remainder = try DownloadJournal.remainder(at: path, after: mark, boot: boot)
      #expect(rows.merging(remainder, uniquingKeysWith: +) == counted, "\(moment)")
    }
  }

  @Test func countsOnceWhateverMomentTheProcessEndsAt() throws {
    try Self.withPath { path in
      var ledger = try Ledger(path)
      try ledger.expectNothingLost("nothing counted")
      for round in 1...5 {
        ledger.count(7, round)
        ledger.count(Int64(100 + round))
        try ledger.expectNothingLost("counted, round \(round)")
        // A write that fails takes once more.
        for _ in 0..<2 {
          _ = ledger.journal.take(ledger.mark.generation + 1)
          try ledger.expectNothingLost("taken, round \(round)")
          ledger.count(7)
        }
        let counts = ledger.journal.take(ledger.mark.generation + 1)
        ledger.count(7)
        try ledger.expectNothingLost("counted while it is written, round \(round)")
        ledger.commit(counts)
        try ledger.expectNothingLost("written, round \(round)")
      }
    }
  }

  @Test func aSlotServesAnotherArtifactWithoutItsFormerCounts() throws {
    try Self.withPath { path in
      var ledger = try Ledger(path, capacity: 2)
      for artifact in Int64(1)...20 {
        ledger.count(artifact, Int(artifact))
        ledger.commit(ledger.journal.take(ledger.mark.generation + 1))
        ledger.count(artifact)
        // Not level: it stays.
        ledger.tallies.drop(with: ledger.mark.generation)
        ledger.commit(ledger.journal.take(ledger.mark.generation + 1))
        ledger.tallies.drop(with: ledger.mark.generation)
        try ledger.expectNothingLost("artifact \(artifact)")
      }
      #expect(ledger.rows == ledger.counted)
      #expect(ledger.journal.used <= 2)
    }
  }

  @Test func aFullJournalCountsInMemoryUntilSlotsAreFree() throws {
    try Self.withPath { path in
      let ledger = try Ledger(path, capacity: 2)
      let held = (1...4).map { ledger.tallies.tally(of: Int64($0)) }
      #expect(held.map(\.isFirstLoose) == [false, false, true, false])
      for (tally, _) in held { tally.add() }
      let loose = ledger.tallies.looseTallies
      #expect(loose.count == 2)
      #expect(ledger.journal.take(1, with: loose.map(\.slot)) == [1: 1, 2: 1, 3: 1, 4: 1])
      #expect(ledger.journal.take(2, with: loose.map(\.slot)) == [:])
      ledger.tallies.drop(with: 2)
      #expect(ledger.tallies.looseTallies.count == 2)  // they are held
      withExtendedLifetime(held) {}
    }
    try Self.withPath { path in
      let ledger = try Ledger(path, capacity: 2)
      for artifact in Int64(1)...4 { ledger.tallies.tally(of: artifact).tally.add() }
      _ = ledger.journal.take(1, with: ledger.tallies.looseTallies.map(\.slot))
      ledger.tallies.drop(with: 1)
      #expect(ledger.tallies.looseTallies.isEmpty)
      #expect(ledger.tallies.tally(of: 5).tally.number != nil)
    }
  }

  @Test func nothingIsLostBetweenThreadsAndTheOneWhoTakes() async throws {
    let journal = try #require(DownloadJournal(capacity: 4))
    let tallies = DownloadTallies(journal: journal)
    let total = await withTaskGroup(of: Void.self) { group in
      for thread in 0..<8 {
        group.addTask {
          for round in 0..<5000 { tallies.tally(of: Int64(1 + (thread + round) % 6)).tally.add() }
        }
      }
      var (generation, total) = (0, 0)
      func take() {
        generation += 1
        let loose = tallies.looseTallies
        total += journal.take(generation, with: loose.map(\.slot)).values.reduce(0, +)
        withExtendedLifetime(loose) {}
        tallies.drop(with: generation)
      }
      for _ in 0..<200 {
        take()
        await Task.yield()
      }
      await group.waitForAll()
      take()
      return total
    }
    #expect(total == 40_000)
  }

  /// What is done to a good file that has 3 downloads of artifact 1, and what is said then.
  static let damages: [(String, @Sendable (inout Data) -> Void, DownloadJournalDefect)] = [
    ("empty", { $0 = Data() }, .notAJournal),
    ("cut short", { $0 = $0.prefix(5000) }, .damaged("its length")),
    ("cut in the header", { $0 = $0.prefix(100) }, .notAJournal),
    ("longer", { $0 += Data(count: 8) }, .damaged("its length")),
    ("other bytes", { $0 = Data(repeating: 0x5a, count: $0.count) }, .notAJournal),
    ("zeros", { $0 = Data(count: $0.count) }, .notAJournal),
    ("another version", { $0[8] = 2 }, .otherVersion(2)),
    ("another length said", { $0[17] ^= 1 }, .damaged("its header")),
    ("too many slots used", { $0[66] = 1 }, .damaged("65537 slots of 100 are used")),
    (
      "a count that shrank",
      {
        $0[4096] = 0; $0[4096 + 8] = 9
      }, .damaged("slot 0")
    ),
    ("a count too large", { $0[4096 + 6] = 1 }, .damaged("slot 0")),
    ("a negative count", { $0[4096 + 7] = 0x80 }, .damaged("slot 0")),
    ("a slot of nobody", { $0[4096 + 24] = 0 }, .damaged("slot 0")),
    ("another generation", { $0[72] = 4 }, .otherDatabase),
  ]

  @Test(arguments: damages.indices) func aDamagedFileIsRefusedWithItsReason(index: Int) throws {
    let (name, damage, defect) = Self.damages[index]
    try Self.withPath { path in
      var ledger = try Ledger(path)
      ledger.count(1, 3)
      var data = try Data(contentsOf: URL(fileURLWithPath: path))
      damage(&data)
      #expect(throws: defect, "\(name)") {
        try DownloadJournal.remainder(in: data, after: ledger.mark, boot: Self.boot)
      }
    }
  }

  @Test func anotherDatabaseAndAnotherBootAreNoticedWhereSomethingIsLost() throws {
    try Self.withPath { path in
      var ledger = try Ledger(path)
      let other = DownloadMark(journal: UUID(), generation: 0)
      func remainder(_ mark: DownloadMark?, _ boot: UUID?) throws -> [Int64: Int] {
        try DownloadJournal.remainder(at: path, after: mark, boot: boot)
      }
      for mark in [ledger.mark, other, nil] { #expect(try remainder(mark, UUID()) == [:]) }
      ledger.count(1)
      #expect(throws: DownloadJournalDefect.otherDatabase) { try remainder(other, Self.boot) }
      #expect(throws: DownloadJournalDefect.otherDatabase) { try remainder(nil, Self.boot) }
      #expect(throws: DownloadJournalDefect.otherBoot) { try remainder(ledger.mark, UUID()) }
      #expect(throws: DownloadJournalDefect.otherBoot) { try remainder(ledger.mark, nil) }
      #expect(try remainder(ledger.mark, Self.boot) == [1: 1])
      ledger.commit(ledger.journal.take(1))
      #expect(try remainder(ledger.mark, UUID()) == [:])
    }
  }

  @Test func theFileIsItsOwnersAndOneThatCannotBeMadeLeavesNothing() throws {
    try Self.withPath { path in
      try Data("old".utf8).write(to: URL(fileURLWithPath: path))
      let journal = try DownloadJournal(at: path, boot: nil, capacity: 10)
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      #expect(attributes[.size] as? Int == 4096 + 10 * 32)
      withExtendedLifetime(journal) {}
      #expect(throws: DownloadJournalDefect.system("open", ENOENT)) {
        try DownloadJournal(at: path + ".d/journal", boot: nil)
      }
      #expect(throws: DownloadJournalDefect.self) {
        try DownloadJournal(at: path + ".huge", boot: nil, capacity: 1 << 50)
      }
      #expect(!FileManager.default.fileExists(atPath: path + ".huge"))
    }
  }
}
