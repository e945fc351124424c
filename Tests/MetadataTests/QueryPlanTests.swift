import GRDB
import Testing

@testable import Metadata

/// Hot queries must find their rows through an index and must not sort: a plan that scans a table of a
/// million rows is as wrong as a wrong answer.
@Suite struct QueryPlanTests {
  struct HotQuery: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let sql: String
    /// Parts that the plan must have, in order.
    let steps: [String]

    init(_ name: String, _ sql: String, _ steps: [String]) {
      testDescription = name
      self.sql = sql
      self.steps = steps
    }
  }

  static let queries = [
    HotQuery(
      "resolveArtifact", ResolvedArtifact.select,
      ["SEARCH artifact USING INDEX sqlite_autoindex_artifact_2 (channelID=? AND subdir=? AND fileName=?)"]),
    HotQuery(
      "shardRecords", IndexRecord.select,
      [
        "SEARCH artifact USING INDEX artifactInShard (packageID=? AND subdir=?)",
        "SEARCH package USING COVERING INDEX sqlite_autoindex_package_1 (channelID=? AND name=?)",
        "SEARCH artifactRecord USING INTEGER PRIMARY KEY (rowid=?)",
      ]),
    HotQuery(
      "snapshotRecords", RecordVisit.select,
      [
        "SEARCH artifact USING COVERING INDEX artifactInRepodata (channelID=? AND subdir=? AND placement=? AND format=? AND fileName>?)",
        "SEARCH artifactRecord USING INTEGER PRIMARY KEY (rowid=?)",
      ]),
    HotQuery(
      "snapshotOriginals", RecordVisit.selectOriginals,
      [
        "MERGE (UNION ALL)",
        "SEARCH artifact USING COVERING INDEX artifactInRepodata (channelID=? AND subdir=? AND placement=? AND format=? AND fileName>?)",
        "SEARCH artifact USING COVERING INDEX artifactInRepodata (channelID=? AND subdir=? AND placement=? AND format=? AND fileName>?)",
      ]),
    HotQuery(
      "newest versions", RecordCandidate.selectPackages,
      [
        "SEARCH package USING COVERING INDEX sqlite_autoindex_package_1 (channelID=?)",
        "SEARCH artifact USING COVERING INDEX artifactByVersion (packageID=? AND subdir=? AND placement=?)",
      ]),
    HotQuery(
      "listing", ArtifactListing.select,
      ["SEARCH artifact USING INDEX artifactByTime (channelID=? AND subdir=?)"]),
    HotQuery(
      "apiKey(hash:)", "SELECT \(APIKeyRow.columns) FROM apiKey WHERE \(APIKeyRow.isHash)",
      ["SEARCH apiKey USING INDEX sqlite_autoindex_apiKey_2 (hash=?)"]),
    HotQuery(
      "package by name", "SELECT \(PackageRow.columns) FROM package WHERE channelID = ? AND name = ?",
      ["SEARCH package USING INDEX sqlite_autoindex_package_1 (channelID=? AND name=?)"]),
    HotQuery(
      "channel by name", "SELECT * FROM channel WHERE name = ?",
      ["SEARCH channel USING INDEX sqlite_autoindex_channel_1 (name=?)"]),
    HotQuery(
      "shardExists", ShardRow.selectSize,
      [
        "SEARCH shard USING INDEX shardByDigest (sha256=? AND channelID=? AND subdir=?)",
        "SEARCH retiredShard USING PRIMARY KEY (sha256=? AND channelID=? AND subdir=?)",
      ]),
    HotQuery(
      "mirrors", MirrorRow.select,
      ["SEARCH channelMirror USING INDEX channelMirrorByChannel (channelID=?)"]),
    HotQuery(
      "downloads of an artifact", SeriesPoint.selectOfArtifact,
      ["SEARCH downloadBucket USING PRIMARY KEY (artifactKey=? AND period=? AND bucket>? AND bucket<?)"]),
    HotQuery(
      "storedFiles", StoredFile.select,
      ["SEARCH artifact USING INDEX sqlite_autoindex_artifact_2 (channelID=? AND (subdir,fileName)>(?,?))"]),
    HotQuery(
      "deletedArtifact", ArtifactTemplate.selectDeleted,
      ["SEARCH deletedArtifact USING INDEX deletedArtifactByFile (channelID=? AND subdir=? AND fileName=?)"]),
    HotQuery(
      "open jobs of a user", OpenJobs.ofOwner,
      ["SEARCH job USING COVERING INDEX jobByOwner (ownerID=? AND state=?)"]),
    HotQuery(
      "open jobs of a channel", OpenJobs.ofChannel, ["SEARCH job USING INDEX jobByChannel (channelID=?)"]),
    HotQuery("staleSubdirs", SubdirState.selectStale, ["subdirState USING INDEX subdirStateBehind"]),
  ]

  @Test(arguments: queries) func usesItsIndex(_ query: HotQuery) async throws {
    let test = try await TestStore()
    let plan = try await plan(query.sql, in: test)
    for step in query.steps { #expect(plan.contains { $0.contains(step) }, "\(plan)") }
    #expect(
      !plan.contains { $0.hasPrefix("SCAN artifact") || $0.contains("TEMP B-TREE FOR ORDER BY") }, "\(plan)")
  }

  @Test func artifactsOfAPackageAreFoundThroughIt() async throws {
    let test = try await TestStore()
    let plan = try await plan("\(ArtifactRow.select) WHERE artifact.packageID = ?", in: test)
    #expect(
      plan.contains { $0.contains("SEARCH artifact USING INDEX") && $0.contains("packageID=?") }, "\(plan)")
    #expect(!plan.contains { $0.hasPrefix("SCAN") }, "\(plan)")
  }

  private func plan(_ sql: String, in test: TestStore) async throws -> [String] {
    try await test.store.read { db in
      let statement = try db.makeStatement(sql: "EXPLAIN QUERY PLAN " + sql)
      // Values decide nothing here; leave them NULL.
      statement.setUncheckedArguments([])
      return try Row.fetchAll(statement).map { row in row["detail"] }
    }
  }
}
