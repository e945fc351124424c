import Foundation
import GRDB
import Testing

@testable import Metadata

@Suite struct SearchTests {
  private func names(_ test: TestStore, _ filters: SearchFilter...) async throws -> [String] {
    try await test.store.searchPackages(filters, visibleTo: .publicOnly).map(\.package.name)
  }

  private func package(_ test: TestStore, _ name: String, _ summary: String?) async throws -> PackageRow {
    try await test.store.createPackage(
      channelID: test.channel.id, name: name, summary: summary, description: nil, owner: nil, now: Times.start
    )
  }

  @Test func theTextIndexFollowsEveryChangeOfAPackage() async throws {
    let test = try await TestStore()
    try await test.publish("alpha-1-0.conda")
    #expect(try await names(test, SearchFilter(.name, ["LPH"])) == ["alpha"])
    #expect(try await names(test, SearchFilter(.summary, ["about alp"])) == ["alpha"])
    _ = try await package(test, "late", nil)
    try await test.publish("late-1-0.conda")
    #expect(try await names(test, SearchFilter(.summary, ["about late"])) == ["late"])
    let id = try #require(await test.package("alpha")?.id)
    try await test.store.deletePackage(id: id, now: Times.start)
    #expect(try await names(test, SearchFilter(.name, ["lph"])) == [])
    try await test.store.deleteChannel(id: test.channel.id)
    #expect(try await names(test) == [])
    // FTS5 compares its index with the table it is about.
    _ = try await test.store.write { db in
      try db.run("INSERT INTO packageText (packageText, rank) VALUES ('integrity-check', 1)")
    }
  }

  @Test func partsAreTakenLiterally() async throws {
    let test = try await TestStore()
    _ = try await package(test, "a_b", #"50% off "now" \o/"#)
    _ = try await package(test, "axb", "plain")
    for (filter, found) in [
      (SearchFilter(.name, ["a_b"]), ["a_b"]), (SearchFilter(.name, ["_"]), ["a_b"]),
      (SearchFilter(.summary, ["50% o"]), ["a_b"]), (SearchFilter(.summary, [#""now""#]), ["a_b"]),
      (SearchFilter(.summary, [#"\o/"#]), ["a_b"]), (SearchFilter(.summary, ["5%f"]), []),
      (SearchFilter(.summary, ["pla", "now"]), ["a_b", "axb"]),
      (SearchFilter(.summary, ["p", "now"]), ["a_b", "axb"]),
      (SearchFilter(.name, ["a_b OR name"]), []), (SearchFilter(.name, ["a*b"]), []),
      (SearchFilter(.summary, ["plain"], isNegated: true), ["a_b"]), (SearchFilter(.platform, ["x"]), []),
      (SearchFilter(.platform, ["x"], isNegated: true), ["a_b", "axb"]),
      (SearchFilter(.channel, ["MAI"]), ["a_b", "axb"]),
    ] { #expect(try await names(test, filter) == found, "\(filter)") }
  }

  @Test func aSearchForAPartOfANameReadsTheTextIndex() async throws {
    let test = try await TestStore()
    let query = SearchQuery([SearchFilter(.name, ["num"])], over: .packages, visibleTo: .publicOnly)
    let plan = try await test.store.read { db in
      try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + query.sql, arguments: query.arguments)
        .map { row in row["detail"] as String }
    }
    #expect(plan.contains { $0.contains("SCAN packageText VIRTUAL TABLE INDEX") }, "\(plan)")
    #expect(plan.contains { $0.contains("SEARCH package USING INTEGER PRIMARY KEY (rowid=?)") }, "\(plan)")
    #expect(!plan.contains { $0.hasPrefix("SCAN package ") || $0.hasSuffix("SCAN package") }, "\(plan)")
  }
}

@Suite struct ChannelCountTests {
  private func counts(_ test: TestStore, _ id: Int64) async throws -> [Int] {
    let summary = try #require(await test.store.channelSummary(id: id))
    return [summary.membersCount, summary.packagesCount]
  }

  @Test func countsFollowMembersAndPackages() async throws {
    let test = try await TestStore()
    let id = test.channel.id
    #expect(try await counts(test, id) == [1, 0])
    try await test.publish("a-1-0.conda")
    try await test.publish("a-2-0.conda")
    try await test.publish("b-1-0.conda")
    #expect(try await counts(test, id) == [1, 2])
    let bob = try await test.store.createUser(
      username: "bob", role: nil, name: nil, avatarURL: "", now: Times.start)
    for role in [Role.member, .owner] {
      try await test.store.setChannelMember(channelID: id, userID: bob.id, role: role)
      #expect(try await counts(test, id) == [2, 2])
    }
    try await test.store.deleteUser(id: bob.id)
    _ = try await test.store.deleteArtifact(
      channelID: id, subdir: "linux-64", fileName: "b-1-0.conda", now: Times.start)
    #expect(try await counts(test, id) == [1, 1])
    try await test.store.recomputeChannel(id: id)
    #expect(try await counts(test, id) == [1, 1])
  }

  @Test func theChangeCountGrowsBeforeAWriteReturns() async throws {
    let test = try await TestStore()
    let before = test.store.changeCount
    try await test.store.setValue("v", of: "k")
    #expect(test.store.changeCount > before)
    let after = test.store.changeCount
    _ = try await test.store.value(of: "k")
    #expect(test.store.changeCount == after)
  }
}

@Suite struct SeriesTests {
  @Test func bucketsBeginWithTheirPeriod() {
    let time = Date(timeIntervalSince1970: 1_709_210_096.5)  // 2024-02-29 12:34:56.5
    let expected: [(SeriesPeriod, Double, Double)] = [
      (.hour, 1_709_208_000, 1_709_211_600), (.day, 1_709_164_800, 1_709_251_200),
      (.month, 1_706_745_600, 1_709_251_200), (.year, 1_704_067_200, 1_735_689_600),
    ]
    for (period, start, next) in expected {
      #expect(period.start(of: time).timeIntervalSince1970 == start)
      #expect(period.next(after: period.start(of: time)).timeIntervalSince1970 == next)
    }
  }

  @Test func downloadsAddUpInEveryPeriodAndGoWithTheirArtifact() async throws {
    let test = try await TestStore()
    let published = try await test.publish("a-1-0.conda")
    let key = try await test.downloadKey("a-1-0.conda")
    for count in [2, 3] {
      let counted = try await test.store.addDownloads([key: count, key + 1: 9], now: Times.start)
      #expect(counted.map(\.count) == [count])
      #expect(counted.first?.package == "a" && counted.first?.channel == "Main")
    }
    for period in SeriesPeriod.allCases {
      let points = try await test.store.downloadSeries(
        artifactID: published.artifact.id, period: period, start: nil, end: nil)
      #expect(points == [SeriesPoint(time: period.start(of: Times.start), count: 5)])
      let all = try await test.store.downloadSeries(
        channelID: test.channel.id, period: period, subdir: nil, start: nil, end: nil)
      #expect(all.map(\.points) == [points])
    }
    _ = try await test.store.deleteArtifact(
      channelID: test.channel.id, subdir: "linux-64", fileName: "a-1-0.conda", now: Times.start)
    #expect(try await test.text("SELECT count(*) FROM downloadBucket") == ["0"])
  }
}
