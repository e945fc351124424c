import Foundation
import GRDB
import Metadata
import Testing

/// What is forgotten, and what stays.
@Suite struct HistoryTests {
  @Test func hoursGoAndDaysStay() async throws {
    let test = try await TestStore()
    try await test.publish("a-1.0-0.conda")
    let key = DownloadKey(channelID: test.channel.id, subdir: "linux-64", fileName: "a-1.0-0.conda")
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
