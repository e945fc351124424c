import Foundation
import GRDB
import Metadata
import Testing

/// What is forgotten, and what stays.
@Suite struct HistoryTests {
  @Test func hoursGoAndDaysStay() async throws {
    let test = try await TestStore()
    try await test.publish("a-1.0-0.conda")
    let key = try await test.downloadKey("a-1.0-0.conda")
    let late = Times.start.addingTimeInterval(100 * 86_400)
    for time in [Times.start, late] { try await test.store.addDownloads([key: 3], now: time) }
    #expect(try await test.store.purgeHourlyDownloads(before: late.addingTimeInterval(-86_400)) == 1)
    func counts(_ period: SeriesPeriod) async throws -> [Int64] {
      try await test.store.downloadSeries(
        channelID: test.channel.id, period: period, subdir: nil, start: nil, end: nil
      ).flatMap { $0.points.map(\.count) }
    }
    #expect(try await counts(.hour) == [3])
    #expect(try await counts(.day) == [3, 3])
    #expect(try await counts(.year).reduce(0, +) == 6)
    #expect(try await test.store.purgeHourlyDownloads(before: late.addingTimeInterval(-86_400)) == 0)
  }

  @Test func jobsThatEndedGoAndOthersStay() async throws {
    let test = try await TestStore()
    func enqueue(_ name: String, repeats: Int64? = nil) async throws -> JobRow {
      try await test.store.enqueueJob(
        NewJob(name: name, runAt: Times.start, ownerID: test.user.id, repeatSeconds: repeats),
        now: Times.start)
    }
    let done = try await enqueue("done")
    let repeated = try await enqueue("repeated", repeats: 60)
    for _ in 0..<2 {
      let job = try #require(try await test.store.claimJob(now: Times.start, lease: 60))
      #expect(try await test.store.finishJob(job, outcome: .succeeded, startedAt: Times.start))
    }
    let waiting = try await enqueue("waiting")
    let later = Times.start.addingTimeInterval(1)
    #expect(try await test.store.purgeFinishedJobs(before: Times.start) == 0)
    #expect(try await test.store.purgeFinishedJobs(before: later) == 1)
    #expect(try await test.store.requestedJob(id: done.id) == nil)
    #expect(try await test.store.requestedJob(id: waiting.id) != nil)
    #expect(try await test.store.requestedJob(id: repeated.id) != nil)
    let tasks = try await test.store.tasks(jobID: repeated.id, in: ["success"], skip: 0, limit: nil)
    #expect(tasks.total == 0)
  }
}

/// Counts that come from a journal, with the mark that says how far they have come.
@Suite struct DownloadMarkTests {
  @Test func aStepIsTakenOnceAndWithItsCounts() async throws {
    let test = try await TestStore()
    try await test.publish("a-1-0.conda")
    let key = try await test.downloadKey("a-1-0.conda")
    let journal = UUID()
    let marks = (0...2).map { DownloadMark(journal: journal, generation: $0) }
    #expect(try await test.store.downloadMark() == nil)
    try await test.store.addDownloads([key: 1], step: .init(from: nil, to: marks[0]), now: Times.start)
    try await test.store.addDownloads([key: 2], step: .init(from: marks[0], to: marks[1]), now: Times.start)
    for from in [nil, marks[0], marks[2]] {
      let error = await #expect(throws: MetadataError.self) {
        try await test.store.addDownloads([key: 4], step: .init(from: from, to: marks[2]), now: Times.start)
      }
      #expect(error?.kind == .conflict(what: "downloadMark"))
    }
    #expect(try await test.store.downloadMark() == marks[1])
    #expect(try await test.text("SELECT downloadCount FROM artifact") == ["3"])
  }

  @Test func countsThatAreNotWrittenLeaveTheMark() async throws {
    let test = try await TestStore()
    try await test.publish("a-1-0.conda")
    let key = try await test.downloadKey("a-1-0.conda")
    let mark = DownloadMark(journal: UUID(), generation: 0)
    await #expect(throws: MetadataError.self) {
      try await test.store.addDownloads([key: -1], step: .init(from: nil, to: mark), now: Times.start)
    }
    #expect(try await test.store.downloadMark() == nil)
  }
}
